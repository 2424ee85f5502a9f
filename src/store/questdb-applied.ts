// QuestDB acknowledges a write when it is in the table's write-ahead log and shows it a moment later.
// This waits for that moment, which is what reading one's own writes needs.

import { setTimeout as sleep } from 'node:timers/promises';
import { QUESTDB_APPLY_MS_MAX } from '../limits.ts';
import type { Connections } from './questdb-connection.ts';
import { TABLE_NAMES } from './questdb-tables.ts';
import { StoreError } from './store.ts';

const POLL_MS_MAX = 50;

export interface TableState {
  /** The last transaction that was acknowledged, and the last that queries see. */
  readonly acknowledged: number;
  readonly shown: number;
  /** Why the server has stopped to apply writes; null when it has not. */
  readonly suspended: string | null;
}

/**
 * Our tables' states by name. Throws {@link StoreError} when one is gone: writing would make a wrong one.
 */
export async function tableStates(connections: Connections): Promise<Map<string, TableState>> {
  const rows = await connections.query(
    `SELECT name, "sequencerTxn", "writerTxn", suspended, "errorMessage" FROM wal_tables()
      WHERE name LIKE 'truepixel_%'`,
  );
  const states = new Map<string, TableState>();
  for (const [name, acknowledged, shown, suspended, reason] of rows) {
    states.set(name ?? '', {
      acknowledged: Number(acknowledged),
      shown: Number(shown),
      suspended: suspended === 't' ? reason || 'no reason given' : null,
    });
  }
  const gone = TABLE_NAMES.find((name) => !states.has(name));
  if (gone === undefined) return states;
  throw new StoreError(
    `QuestDB's table ${gone} is gone: restart to have it made again, then run \`truepixel rebuild\``,
    false,
  );
}

/**
 * Resolves once queries see everything that was acknowledged for `tables` before the call, with the states
 * that all tables have then.
 */
export async function shown(
  connections: Connections,
  tables: readonly string[],
): Promise<ReadonlyMap<string, TableState>> {
  const deadline = performance.now() + QUESTDB_APPLY_MS_MAX;
  const first = await tableStates(connections);
  let pollMs = 1;
  for (let states = first; ; states = await tableStates(connections)) {
    const waiting = tables.filter((name) => {
      const wanted = first.get(name)?.acknowledged ?? 0;
      return (states.get(name)?.shown ?? 0) < wanted;
    });
    if (waiting.length === 0) return states;
    for (const name of waiting) refuseSuspended(name, states.get(name)?.suspended ?? null);
    if (performance.now() >= deadline) {
      throw new StoreError(
        `QuestDB has not applied its log to ${waiting.join(', ')} in time`,
        true,
      );
    }
    await sleep(pollMs);
    pollMs = Math.min(2 * pollMs, POLL_MS_MAX);
  }
}

function refuseSuspended(table: string, reason: string | null): void {
  if (reason === null) return;
  throw new StoreError(
    `QuestDB has suspended the table ${table} (${reason}); ` +
      `once that is mended: ALTER TABLE ${table} RESUME WAL`,
    false,
  );
}
