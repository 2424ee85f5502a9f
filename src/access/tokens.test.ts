// Tokens as the store process has them while commands change them in the same file, and while it is damaged.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { newDataDir } from '../../test/access-rig.ts';
import { tokensPath } from '../config/paths.ts';
import { Tokens } from './tokens.ts';

/** "Within about a second", on a machine that is busy with other tests. */
const NOTICED_MS_MAX = 3_000;

interface World {
  readonly dataDir: string;
  readonly path: string;
  /** The store process's. */
  readonly tokens: Tokens;
  readonly troubles: string[];
}

async function begin(context: TestContext): Promise<World> {
  const dataDir = newDataDir();
  const troubles: string[] = [];
  const tokens = await Tokens.open(dataDir, (reason) => troubles.push(reason));
  context.after(() => tokens.close());
  return { dataDir, path: tokensPath(dataDir), tokens, troubles };
}

async function noticed(look: () => boolean): Promise<void> {
  const until = performance.now() + NOTICED_MS_MAX;
  while (!look()) {
    assert.ok(performance.now() < until, 'it was not noticed in time');
    await sleep(20);
  }
}

async function made(tokens: Tokens, name: string): Promise<{ id: string; text: string }> {
  const outcome = await tokens.create(name, ['read']);
  assert.ok(typeof outcome === 'object');
  return { id: outcome.token.id, text: outcome.text };
}

test('a token is found by its text alone, and nothing in the file is that text', async (context) => {
  const { tokens, path } = await begin(context);
  const { id, text } = await made(tokens, 'ci');
  assert.equal(tokens.find(text)?.id, id);
  assert.deepEqual(tokens.find(text)?.scopes, ['read']);
  const file = readFileSync(path, 'utf8');
  assert.ok(!file.includes(text) && !file.includes(text.slice(3)));
  const { digest } = (JSON.parse(file) as { tokens: { digest: string }[] }).tokens[0] ?? {};
  for (const wrong of [
    digest ?? '',
    `tp_${digest}`,
    id,
    'ci',
    text.toLowerCase(),
    `${text} `,
    '',
  ]) {
    assert.equal(tokens.find(wrong), null, wrong);
  }
});

test('what a command makes and revokes is noticed within about a second', async (context) => {
  const { dataDir, tokens } = await begin(context);
  const command = new Tokens(dataDir);
  const { id, text } = await made(command, 'by command');
  await noticed(() => tokens.find(text) !== null);
  assert.equal(await command.revoke(id), true);
  await noticed(() => tokens.find(text) === null);
  assert.equal(await command.revoke(id), false);
});

test('what the store process itself does holds at once', async (context) => {
  const { tokens } = await begin(context);
  for (let round = 0; round < 10; round++) {
    const { id, text } = await made(tokens, 'mine');
    assert.notEqual(tokens.find(text), null);
    assert.equal(await tokens.revoke(id), true);
    assert.equal(tokens.find(text), null);
  }
});

suite('a file that is damaged opens no door', () => {
  const damages: readonly [string, (path: string) => void][] = [
    ['cut off', (path) => writeFileSync(path, readFileSync(path, 'utf8').slice(0, 80))],
    ['emptied', (path) => writeFileSync(path, '')],
    ['of another version', (path) => writeFileSync(path, '{"version":2}')],
    [
      'a link to a list of somebody’s own',
      (path) => {
        renameSync(path, `${path}.theirs`);
        symlinkSync(`${path}.theirs`, path);
      },
    ],
  ];
  for (const [name, damage] of damages) {
    test(`${name}: it is said, and mended it counts again`, async (context) => {
      const { tokens, path, troubles, dataDir } = await begin(context);
      const { text } = await made(tokens, 'ci');
      const good = readFileSync(path);
      damage(path);
      await noticed(() => tokens.find(text) === null);
      assert.equal(troubles.length, 1);
      assert.match(troubles[0] ?? '', /^no named token is valid: .*tokens\.json/);
      assert.ok(!String(troubles).includes('ci'), 'it quotes nothing');
      await assert.rejects(tokens.create('new', ['read']), /damaged|not believed/);
      await assert.rejects(new Tokens(dataDir).refresh(), /damaged|not believed/);
      rmSync(path);
      writeFileSync(path, good, { mode: 0o600 });
      await noticed(() => tokens.find(text) !== null);
    });
  }

  test('already at the start: it is said, and the store process starts all the same', async () => {
    const dataDir = newDataDir();
    mkdirSync(dirname(tokensPath(dataDir)), { recursive: true });
    writeFileSync(tokensPath(dataDir), '{', { mode: 0o600 });
    const troubles: string[] = [];
    const tokens = await Tokens.open(dataDir, (reason) => troubles.push(reason));
    tokens.close();
    assert.deepEqual(tokens.all, []);
    assert.equal(troubles.length, 1);
  });

  test('removed, it revokes all', async (context) => {
    const { tokens, path } = await begin(context);
    const { text } = await made(tokens, 'ci');
    rmSync(path);
    await noticed(() => tokens.find(text) === null);
  });
});

test('commands and the server that create at once lose no token and double no name', async (context) => {
  const { dataDir, tokens } = await begin(context);
  const script = `
    import { Tokens } from ${JSON.stringify(new URL('./tokens.ts', import.meta.url).href)};
    const tokens = new Tokens(${JSON.stringify(dataDir)});
    const made = [];
    for (let i = 0; i < 8; i++) {
      const outcome = await tokens.create('token ' + i, ['read']);
      if (typeof outcome === 'object') made.push(outcome.text);
    }
    console.log(JSON.stringify(made));`;
  const inProcesses = Array.from({ length: 3 }, async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await once(child, 'close');
    return JSON.parse(output) as string[];
  });
  const inServer = Array.from({ length: 8 }, async (_, i) => {
    const outcome = await tokens.create(`token ${i}`, ['read']);
    return typeof outcome === 'object' ? [outcome.text] : [];
  });
  const texts = (await Promise.all([...inProcesses, ...inServer])).flat();
  await tokens.refresh();
  assert.equal(texts.length, 8, 'each name was given once');
  assert.equal(tokens.all.length, 8);
  for (const text of texts) assert.notEqual(tokens.find(text), null);
});

test('a sign-in link is used by one of all who come with it at once', async (context) => {
  const { dataDir, tokens } = await begin(context);
  const { text } = await new Tokens(dataDir).createLink();
  assert.equal(tokens.find(text), null, 'it is no token');
  // The server has not looked at the file since: it does when somebody comes.
  const uses = await Promise.all(Array.from({ length: 8 }, () => tokens.useLink(text)));
  assert.equal(uses.filter(Boolean).length, 1);
  assert.equal(await tokens.useLink(text), false);
  assert.equal(await tokens.useLink('tpl_' + '0'.repeat(43)), false);
});

test('a link ends after its hour', async (context) => {
  const { tokens } = await begin(context);
  const { text, endsAt } = await tokens.createLink();
  assert.ok(Math.abs(endsAt - Date.now() - 3_600_000) < 60_000);
  context.mock.timers.enable({ apis: ['Date'], now: endsAt });
  assert.equal(await tokens.useLink(text), false);
  context.mock.timers.reset();
});
