// What follows from the agent alone, on real agents of every class.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { expectedAgents } from '../../test/agents/agents.ts';
import { AgentCache } from './agent-cache.ts';
import { judgeAgent } from './agent.ts';
import { CLASS_OF_REASON, isPerson } from '../hit/verdict.ts';

suite('the verdict on an agent', () => {
  for (const expected of expectedAgents()) {
    test(`${expected.class}: ${expected.agent}`, () => {
      const { verdict } = judgeAgent(expected.agent);
      assert.equal(verdict.class, expected.class, verdict.reason);
      assert.equal(CLASS_OF_REASON[verdict.reason], verdict.class);
      if (expected.client !== null) assert.equal(verdict.client, expected.client);
      if (!isPerson(verdict.class)) assert.deepEqual([verdict.os, verdict.device], [null, null]);
    });
  }

  const platforms: [string, string | null, string | null][] = [
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Thunderbird/140.0',
      'Windows',
      'desktop',
    ],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)',
      'macOS',
      'desktop',
    ],
    [
      'Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)',
      'iPadOS',
      'tablet',
    ],
    ['Outlook-iOS/723.4077923.prod.iphone (4.2345.0)', 'iOS', null],
    [
      'Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0',
      'Chrome OS',
      'desktop',
    ],
    [
      'Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0',
      'Android',
      'tablet',
    ],
    ['Dalvik/2.1.0 (Linux; U; Android 9; SM-G965U Build/PPR1.180610.011)', 'Android', 'mobile'],
    [
      'Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; NOKIA) AppleWebKit/537.36 Edge/15.1',
      'Windows Phone',
      'mobile',
    ],
    [
      'Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/538.1 (KHTML, like Gecko) TV Safari/538.1',
      'Tizen',
      'tv',
    ],
  ];
  for (const [agent, os, device] of platforms) {
    test(`tells system and device of ${agent}`, () => {
      const { verdict } = judgeAgent(agent);
      assert.equal(verdict.os, os);
      if (device !== null) assert.equal(verdict.device, device);
    });
  }

  test('a missing agent, an empty one and those without a letter are the same', () => {
    for (const agent of [null, '', '  ', '-', '1.0', '"-"']) {
      assert.equal(judgeAgent(agent).verdict.reason, 'no-agent');
    }
  });

  test('reads an agent no further than real ones go', () => {
    const browser = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';
    const padded = `${browser} ${'x'.repeat(4_000)} Googlebot/2.1`;
    assert.equal(judgeAgent(padded).verdict.class, 'human-browser');
  });
});

suite('the cache of agents', () => {
  test('gives the same verdicts as judging anew, and stays within its bound', () => {
    const cache = new AgentCache(16);
    const agents = expectedAgents().map(({ agent }) => agent);
    for (let round = 0; round < 3; round++) {
      for (const agent of agents) assert.deepEqual(cache.judge(agent), judgeAgent(agent));
      assert.ok(cache.size <= 16, `${cache.size} entries`);
    }
  });

  test('keeps what is asked for often while others pass by', () => {
    const cache = new AgentCache(8);
    const often = cache.judge('curl/8.9.1');
    for (let i = 0; i < 100; i++) {
      cache.judge(`Example/${i}`);
      assert.equal(cache.judge('curl/8.9.1'), often);
    }
  });
});
