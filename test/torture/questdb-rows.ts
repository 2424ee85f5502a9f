// What QuestDB holds after a torture, row by row.

import { Connections } from '../../src/store/questdb-connection.ts';
import { createLog } from '../../src/telemetry/log.ts';
import type { FoundHit } from './marker.ts';

const PAGE_ROWS = 20_000;

/** Calls back for every hit; resolves with the codes of the pixels. */
export async function readQuestdb(
  connString: string,
  onHit: (hit: FoundHit) => void,
): Promise<Set<string>> {
  const connections = new Connections(connString, 1, createLog('silent', 'torture'));
  for (let from = 0; ; from += PAGE_ROWS) {
    const rows = await connections.query(
      `SELECT kind, code, referrer, agent, address FROM truepixel_hits
        WHERE occurred_at > 0 LIMIT $1, $2`,
      [from, from + PAGE_ROWS],
    );
    for (const [kind, code, referrer, agent, address] of rows) {
      onHit({ kind, code, referrer, agent, address } as FoundHit);
    }
    if (rows.length < PAGE_ROWS) break;
  }
  const pixels = await connections.query('SELECT code FROM truepixel_pixels');
  await connections.close();
  return new Set(pixels.map(([code]) => code ?? ''));
}
