// Public corpora of agents, as their packages bring them: no person may be called a machine, and at least 99
// of 100 machines must be found. What is missed stands here by name.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { suite, test } from 'node:test';
import { list } from 'isbot';
import { judgeAgent } from './agent.ts';
import { HASTY_PATTERNS } from './machine-words.ts';
import type { VerdictClass } from '../hit/verdict.ts';

const require = createRequire(import.meta.url);
const crawlers = require('crawler-user-agents') as { instances: string[] }[];
// The package gives them out at random only; a test wants all of them.
const browsers = JSON.parse(
  readFileSync(require.resolve('user-agents').replace(/[^/]*$/, 'user-agents.json'), 'utf8'),
) as { userAgent: string }[];

const MACHINES: readonly VerdictClass[] = [
  'crawler',
  'http-library',
  'link-preview',
  'security-scanner',
];
/** Mail proxies stand in lists of crawlers too; they are no machines that read for themselves. */
const PROXIES: readonly VerdictClass[] = ['gmail-proxy', 'yahoo-proxy', 'other-proxy'];

/** In the list of crawlers, but a person's: apps that show a page, and an editor's own browser. */
const NO_MACHINES: readonly RegExp[] = [
  / Instagram 406\.0\.0\.58\.159 Android /,
  / MetaIAB Facebook$/,
  / Fluid\/0\.9\.6 Safari\//,
  / Code\/1\.115\.0 Chrome\/[\d.]+ Electron\//,
  / Trae\/1\.107\.1 Chrome\/[\d.]+ Electron\//,
];

suite('public corpora', () => {
  test('crawler-user-agents: every machine is found but those named here', () => {
    const agents = [...new Set(crawlers.flatMap(({ instances }) => instances))];
    const found = new Set([...MACHINES, ...PROXIES]);
    const missed = agents.filter((agent) => !found.has(judgeAgent(agent).verdict.class));
    assert.ok(agents.length > 1_500, `${agents.length} agents`);
    assert.deepEqual(
      missed.filter((agent) => !NO_MACHINES.some((known) => known.test(agent))),
      [],
    );
    assert.ok(missed.length / agents.length < 0.01);
  });

  test('crawler-user-agents: Gmail’s and Yahoo’s proxies are proxies', () => {
    const agents = crawlers.flatMap(({ instances }) => instances);
    for (const agent of agents.filter((one) => /GoogleImageProxy|YahooMailProxy/.test(one))) {
      assert.ok(PROXIES.includes(judgeAgent(agent).verdict.class), agent);
    }
  });

  test('user-agents: nobody who browses is called a machine', () => {
    const agents = [...new Set(browsers.map(({ userAgent }) => userAgent))];
    const people = new Set<VerdictClass>(['human-browser', 'human-mail']);
    assert.ok(agents.length > 500, `${agents.length} agents`);
    assert.deepEqual(
      agents.filter((agent) => !people.has(judgeAgent(agent).verdict.class)),
      [],
    );
  });

  test('every pattern of isbot that is not believed is still one of its patterns', () => {
    assert.deepEqual(
      [...HASTY_PATTERNS].filter((pattern) => !list.includes(pattern)),
      [],
    );
  });
});
