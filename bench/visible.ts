// How long it takes from an image's reply until its open stands in the pixel's report: the price of reading
// one's own writes, with the whole server running.

import { join } from 'node:path';
import { endAll, freePort, startServer } from '../test/server.ts';
import { quantile } from './spread.ts';

export interface VisibleResult {
  readonly times: number;
  /** From the image's complete reply to the report that shows it. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const TIMES = 300;
const WARM_UP_TIMES = 20;

/** Throws when a report does not show an open that was answered before it was asked for. */
export async function measureVisible(folder: string): Promise<VisibleResult> {
  const dataDir = join(folder, 'visible');
  const env = { LOG_LEVEL: 'warn' };
  const server = await startServer({ dataDir, port: await freePort(), env });
  try {
    const minted = JSON.parse((await server.api('/v1/api/gen-image')).body.toString()) as {
      unique_code: string;
    };
    const waits: number[] = [];
    for (let opens = 1; opens <= WARM_UP_TIMES + TIMES; opens += 1) {
      await server.get(`/image/${minted.unique_code}.png`);
      const replied = performance.now();
      const answer = await server.api(`/v1/api/info/${minted.unique_code}?limit=1`);
      const report = JSON.parse(answer.body.toString()) as { total_opens: number };
      if (report.total_opens !== opens) {
        throw new Error(`the report shows ${report.total_opens} opens instead of ${opens}`);
      }
      if (opens > WARM_UP_TIMES) waits.push(performance.now() - replied);
    }
    const sorted = waits.toSorted((a, b) => a - b);
    return {
      times: TIMES,
      p50Ms: quantile(sorted, 0.5),
      p99Ms: quantile(sorted, 0.99),
      maxMs: sorted.at(-1) ?? Number.NaN,
    };
  } finally {
    await endAll(dataDir);
  }
}
