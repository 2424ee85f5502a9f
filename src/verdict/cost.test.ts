// No agent may cost more than a millisecond, whoever wrote it: the patterns against strings that make bad
// regular expressions take for ever.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { expectedAgents } from '../../test/agents/agents.ts';
import { AGENT_BYTES_MAX } from '../limits.ts';
import { judgeAgent } from './agent.ts';

const COST_MS_MAX = 1;
/** The best of several runs is what the agent costs; the rest is what else the machine does. */
const RUNS = 15;

function cost(agent: string): number {
  let best = Infinity;
  for (let run = 0; run < RUNS && best > COST_MS_MAX / 4; run++) {
    const began = performance.now();
    judgeAgent(agent);
    best = Math.min(best, performance.now() - began);
  }
  return best;
}

const PIECES = [
  'a',
  '0',
  ' ',
  '/',
  '.',
  '-',
  '_',
  '(',
  ')',
  ';',
  ',',
  '|',
  '@',
  '+',
  '%',
  '\t',
  '\0',
  'é',
  '\u{1f600}',
  'a.',
  'a-',
  'a_',
  'a/',
  'a ',
  'a1',
  '1.',
  '1 ',
  '; ',
  '; a',
  ' (',
  '() ',
  'a@',
  '@a',
  'a@a.',
  '/1.0',
  ' a/1',
  'Mozilla/5.0 ',
  'Mozilla/5.0 (',
  '(KHTML, like Gecko) ',
  'AppleWebKit/5 ',
  'Android 1; ',
  'Android 1; a',
  ' Build/',
  '; x Build/',
  'bot',
  'bo',
  'spide',
  'crawle',
  'craw-',
  'http',
  'https:/',
  'www.',
  'a.co',
  'a.com',
  'mail',
  'mail ',
  'Mail image ',
  'Fastmail',
  'Google',
  'Google-',
  'google/',
  'agent',
  'user-agent',
  'scan',
  'Version/1 ',
  'Safari/',
  'CFNetwork',
  'like Gecko',
  'compatible; ',
  'CUBOT_',
  'CUBOT ',
  'link-',
  'security ',
] as const;

const pad = (start: string, piece: string, end: string): string =>
  (start + piece.repeat(AGENT_BYTES_MAX)).slice(0, AGENT_BYTES_MAX - end.length) + end;

suite('the cost of an agent', () => {
  judgeAgent('warm');
  for (const start of ['', 'Mozilla/5.0 (Linux; Android 9; ', 'Mozilla/5.0 ']) {
    test(`stays under a millisecond for repetitions after ${JSON.stringify(start)}`, () => {
      const dear: string[] = [];
      for (const piece of PIECES) {
        for (const end of ['', '!', ' Build', 'bot.']) {
          const agent = pad(start, piece, end);
          const ms = cost(agent);
          if (ms > COST_MS_MAX) dear.push(`${ms.toFixed(2)} ms: ${agent.slice(0, 60)}…${end}`);
        }
      }
      assert.deepEqual(dear, []);
    });
  }

  test('stays under a millisecond for real agents, and for 8 kB of them', () => {
    for (const { agent } of expectedAgents()) {
      for (const text of [agent, `${agent} `.repeat(60).slice(0, 8_192)]) {
        const ms = cost(text);
        assert.ok(ms <= COST_MS_MAX, `${ms.toFixed(2)} ms: ${text.slice(0, 100)}`);
      }
    }
  });
});
