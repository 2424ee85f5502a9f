// The salts on a real disk under a clock that does as it is told: shared for a day, and gone after it.

import assert from 'node:assert/strict';
import {
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { visitorOf } from './visitor.ts';
import { VisitorSalts } from './visitor-salts.ts';

const SEED = 20_261_122;
const HOUR = 60 * 60 * 1_000;
const DAY = 24 * HOUR;
const NOON = Date.UTC(2026, 10, 22, 12);

interface Rig {
  readonly folder: string;
  now: number;
  readonly troubles: string[];
  open(needed?: boolean): Promise<VisitorSalts>;
  names(): string[];
}

function rig(t: TestContext): Rig {
  const folder = mkdtempSync(join(tmpdir(), 'truepixel-salts-'));
  const opened: VisitorSalts[] = [];
  t.after(async () => {
    for (const salts of opened) await salts.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const troubles: string[] = [];
  const made: Rig = {
    folder,
    now: NOON,
    troubles,
    open: async (needed = true) => {
      const salts = await VisitorSalts.open({
        folder,
        needed,
        now: () => made.now,
        onTrouble: (reason) => troubles.push(reason),
      });
      opened.push(salts);
      return salts;
    },
    names: () => readdirSync(folder).toSorted(),
  };
  return made;
}

const hexOf = (salts: VisitorSalts): string => Buffer.from(salts.current()).toString('hex');

test('processes of one folder have the same salt of a day, for this user alone', async (t) => {
  const at = rig(t);
  const all = await Promise.all([at.open(), at.open(), at.open()]);
  assert.equal(new Set(all.map(hexOf)).size, 1);
  assert.deepEqual(at.names(), ['visitor-salt-2026-11-22']);
  assert.equal(statSync(join(at.folder, 'visitor-salt-2026-11-22')).mode & 0o777, 0o600);
});

test('at midnight the next salt is there, the same for all, though nobody looked at the disk', async (t) => {
  const at = rig(t);
  at.now = NOON + 11.5 * HOUR;
  const [one, two] = [await at.open(), await at.open()];
  const before = hexOf(one);
  at.now = NOON + 12 * HOUR;
  const after = hexOf(one);
  assert.notEqual(after, before);
  assert.equal(hexOf(two), after);
});

test('a salt is overwritten and unlinked soon after its day', async (t) => {
  const at = rig(t);
  const salts = await at.open();
  const path = join(at.folder, 'visitor-salt-2026-11-22');
  const spy = join(at.folder, 'spy');
  linkSync(path, spy);
  const kept = readFileSync(spy, 'utf8');
  at.now = NOON + 13 * HOUR - 1;
  await salts.tend();
  assert.equal(readFileSync(spy, 'utf8'), kept, 'an hour of grace');
  at.now = NOON + 13 * HOUR;
  await salts.tend();
  assert.deepEqual(at.names(), ['spy', 'visitor-salt-2026-11-23']);
  assert.deepEqual(readFileSync(spy), Buffer.alloc(44), 'nothing is left of it on the disk');
});

test('whoever runs destroys what others left, drafts too, even when it needs no salt', async (t) => {
  const at = rig(t);
  const others = ['2026-11-20', '2026-11-25', '2036-01-01', '2026-11-21.77.cafe'];
  for (const name of others) writeFileSync(join(at.folder, `visitor-salt-${name}`), 'x');
  writeFileSync(join(at.folder, 'code-secret'), 'x');
  await at.open(false);
  assert.deepEqual(at.names(), ['code-secret']);
});

test('wherever the clock jumps, a salt is never older than 48 hours, nor comes back', async (t) => {
  const jumps = fc.array(fc.integer({ min: -3 * DAY, max: 3 * DAY }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(jumps, async (hops) => {
      const at = rig(t);
      const salts = await at.open();
      const destroyed = new Set<string>();
      let last = { date: at.now, salt: hexOf(salts) };
      for (const hop of hops) {
        at.now += hop;
        await salts.tend();
        const salt = hexOf(salts);
        const isKept = Math.abs(at.now - last.date) < DAY + HOUR;
        if (!isKept) destroyed.add(last.salt);
        assert.ok(!destroyed.has(salt), 'a destroyed salt is back');
        for (const name of at.names()) {
          const began = Date.parse(name.slice('visitor-salt-'.length));
          assert.ok(at.now - began < 48 * HOUR, `${name} at ${new Date(at.now).toISOString()}`);
          assert.ok(began - at.now <= HOUR, `${name} is of the future`);
        }
        last = { date: at.now, salt };
      }
      assert.deepEqual(at.troubles, []);
    }),
    { seed: SEED, numRuns: 40 },
  );
});

test('a clock that goes back to a day whose salt is gone gets a new one, shared as well', async (t) => {
  const at = rig(t);
  const [one, two] = [await at.open(), await at.open()];
  const first = hexOf(one);
  at.now = NOON + 5 * DAY;
  await one.tend();
  await two.tend();
  at.now = NOON;
  assert.notEqual(hexOf(one), first, 'at once, before anybody looked at the disk');
  await one.tend();
  await two.tend();
  assert.equal(hexOf(one), hexOf(two));
  assert.notEqual(hexOf(one), first);
});

test('a salt that is damaged is made anew', async (t) => {
  const at = rig(t);
  writeFileSync(join(at.folder, 'visitor-salt-2026-11-22'), '\0'.repeat(44));
  const [one, two] = [await at.open(), await at.open()];
  assert.equal(hexOf(one), hexOf(two));
  assert.deepEqual(at.troubles, []);
});

test('without its folder a process makes do with a salt of its own, and says so once', async (t) => {
  const at = rig(t);
  rmSync(at.folder, { recursive: true });
  const salts = await at.open();
  await salts.tend();
  assert.equal(hexOf(salts), hexOf(salts));
  assert.equal(salts.current().length, 32);
  assert.equal(at.troubles.length, 1);
});

test('a visitor is the same for the same client, salt and site only', () => {
  const salt = Buffer.alloc(32, 1);
  const base = visitorOf(salt, '203.0.113.7', 'Agent', 'site.example');
  assert.match(base, /^[0-9a-f]{16}$/);
  assert.equal(visitorOf(salt, '203.0.113.7', 'Agent', 'site.example'), base);
  const others = [
    visitorOf(Buffer.alloc(32, 2), '203.0.113.7', 'Agent', 'site.example'),
    visitorOf(salt, '203.0.113.8', 'Agent', 'site.example'),
    visitorOf(salt, '203.0.113.7', 'Agent2', 'site.example'),
    visitorOf(salt, '203.0.113.7', null, 'site.example'),
    visitorOf(salt, '203.0.113.7', 'Agent', ''),
    visitorOf(salt, '203.0.113.7', 'Agentsite.example', ''),
  ];
  assert.equal(new Set([base, ...others]).size, 7);
});
