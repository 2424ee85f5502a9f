// `truepixel reclassify`: has the running server judge its history anew, and tells how far it is.

import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Config } from '../config/config.ts';
import { RECLASSIFY_TELL_MS } from '../limits.ts';
import type { Command } from './command.ts';
import { askStore } from './store-client.ts';

const PATH = '/v1/reclassifications';

/** What is needed of the API's answer. */
const State = z.object({
  state: z.enum(['idle', 'running', 'done']),
  judged: z.number(),
  changed: z.number(),
  total: z.number().nullable(),
  failure: z.string().nullable(),
});

export const reclassifyCommand: Command = {
  name: 'reclassify',
  summary: 'Judge all hits of the store anew, after rules or networks changed',
  help: `The server that runs on DATA_DIR does the work and goes on with everything else meanwhile; this
command starts it and tells how far it is. It can be left with Ctrl-C: the server goes on, also after a
restart. Files of networks and countries are read anew first.`,
  roles: ['api'],
  async run(config) {
    await askStore(config, 'POST', PATH);
    return await follow(config);
  },
};

async function follow(config: Config): Promise<number> {
  let told = '';
  for (;;) {
    const { state, judged, changed, total, failure } = State.parse(
      await askStore(config, 'GET', PATH),
    );
    const of = total === null ? '' : ` of about ${total}`;
    const line = `${judged}${of} hits judged, ${changed} changed`;
    const news = failure === null ? line : `${line}; it waits: ${failure}`;
    if (news !== told) process.stdout.write(`${news}\n`);
    told = news;
    if (state !== 'running') return 0;
    await sleep(RECLASSIFY_TELL_MS);
  }
}
