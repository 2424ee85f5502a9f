// The build before a start, in a small project of its own whose build is a script that does as it is told:
// whatever it does, a server starts.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { type Logger } from '../telemetry/log.ts';
import { dashboardDigest, dashboardState, prepareDashboard, STAMP } from './prepare-dashboard.ts';

interface Project {
  readonly root: string;
  readonly write: (path: string, text: string) => void;
  readonly wasBuilt: () => boolean;
}

const BUILD = `import { writeFileSync } from 'node:fs';\nwriteFileSync(process.argv[1] + '.ran', '');\n`;

function project(t: TestContext, build = BUILD): Project {
  const root = mkdtempSync(join(tmpdir(), 'truepixel-dashboard-'));
  t.after(() => rmSync(root, { recursive: true }));
  const write = (path: string, text: string): void => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write('dashboard/build.ts', build);
  write('dashboard/src/main.tsx', 'main();');
  write('dashboard/src/place/days.ts', 'days();');
  write('package-lock.json', '{}');
  write('node_modules/vite/package.json', '{}');
  return { root, write, wasBuilt: () => existsSync(join(root, 'dashboard/build.ts.ran')) };
}

/** As if it had been built of what is there now. */
const stamp = ({ root, write }: Project): void =>
  write(`dashboard/dist/${STAMP}`, dashboardDigest(root));

function listener(): { log: Logger; said: string[] } {
  const said: string[] = [];
  const say = (...words: unknown[]): void => void said.push(JSON.stringify(words));
  return { log: { warn: say, error: say } as unknown as Logger, said };
}

suite('before a start, the dashboard', () => {
  test('is built when there is none, and when a source or the packages have changed', async (t) => {
    const { log, said } = listener();
    const unbuilt = project(t);
    await prepareDashboard(log, unbuilt.root);
    assert.ok(unbuilt.wasBuilt());
    for (const [path, text] of [
      ['dashboard/src/main.tsx', 'main2();'],
      ['dashboard/src/place/new.ts', ''],
      ['package-lock.json', '{ }'],
    ] as const) {
      const one = project(t);
      stamp(one);
      one.write(path, text);
      await prepareDashboard(log, one.root);
      assert.ok(one.wasBuilt(), path);
    }
    assert.deepEqual(said, []);
  });

  test('is left alone when it is of these sources, whatever its tests are', async (t) => {
    const one = project(t);
    stamp(one);
    one.write('dashboard/src/place/days.test.ts', 'test();');
    assert.equal(dashboardState(one.root), 'fresh');
    await prepareDashboard(listener().log, one.root);
    assert.ok(!one.wasBuilt());
  });

  test('is left alone where the build came without its sources', async (t) => {
    const one = project(t);
    rmSync(join(one.root, 'dashboard/build.ts'));
    const { log, said } = listener();
    await prepareDashboard(log, one.root);
    assert.deepEqual(said, []);
  });

  test('is asked for in words where the packages that build it are not installed', async (t) => {
    const one = project(t);
    rmSync(join(one.root, 'node_modules'), { recursive: true });
    const { log, said } = listener();
    await prepareDashboard(log, one.root);
    assert.ok(!one.wasBuilt());
    assert.match(said.join(), /there is none.*npm run build/);
  });

  test('that cannot be built is said, and keeps nothing from starting', async (t) => {
    const one = project(t, `console.error('a brace is missing');\nprocess.exit(3);\n`);
    one.write(`dashboard/dist/${STAMP}`, 'an older one');
    const { log, said } = listener();
    await prepareDashboard(log, one.root);
    assert.match(said.join(), /a brace is missing \(3\)/);
    assert.match(said.join(), /the one before is served/);
  });
});
