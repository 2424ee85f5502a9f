// Which events the store has already: what keeps a bus, which may deliver twice, from being counted twice.

import {
  BIGINT,
  type DuckDBType,
  type DuckDBValue,
  LIST,
  listValue,
  UINTEGER,
  VARCHAR,
} from '@duckdb/node-api';
import { formatEventId, type Hit, isHit, type Recorded } from '../hit/event.ts';
import { KNOWN_HITS, KNOWN_PIXELS } from './duckdb-query.ts';
import type { Reader } from './duckdb-readers.ts';

/** See Store.known. `writers` numbers the writers of all hits in the store. */
export async function knownEvents(
  reader: Reader,
  writers: ReadonlyMap<string, number>,
  events: readonly Recorded[],
): Promise<ReadonlySet<string>> {
  const known = new Set<string>();
  // A writer without a number has no hit in the store.
  const hits = events.filter(
    (one): one is Recorded<Hit> => isHit(one.event) && writers.has(one.id.writer),
  );
  if (hits.length > 0) {
    const there = new Set(
      (await rowsOf(reader, KNOWN_HITS, hitParameters(hits, writers))).map((row) => row.join('-')),
    );
    for (const { id } of hits) {
      if (there.has(`${writers.get(id.writer)}-${id.segment}-${id.position}`)) {
        known.add(formatEventId(id));
      }
    }
  }
  const pixels = events.filter(({ event }) => event.kind === 'pixel-minted');
  if (pixels.length > 0) {
    const codes = listValue(pixels.map(({ event }) => event.code));
    const rows = await rowsOf(reader, KNOWN_PIXELS, { codes: [codes, LIST(VARCHAR)] });
    const minted = new Map(rows.map(([code, createdAt]) => [code, Number(createdAt)]));
    for (const { id, event } of pixels) {
      // An earlier time than the store's is news to it.
      const createdAt = minted.get(event.code);
      if (createdAt !== undefined && createdAt <= event.at) known.add(formatEventId(id));
    }
  }
  return known;
}

type Parameters = Readonly<Record<string, readonly [DuckDBValue, DuckDBType]>>;

function hitParameters(
  hits: readonly Recorded<Hit>[],
  writers: ReadonlyMap<string, number>,
): Parameters {
  let oldest = Infinity;
  let newest = -Infinity;
  for (const { event } of hits) {
    oldest = Math.min(oldest, event.at);
    newest = Math.max(newest, event.at);
  }
  const list = (values: readonly DuckDBValue[]): DuckDBValue => listValue(values);
  return {
    times: [list(hits.map(({ event }) => BigInt(event.at))), LIST(BIGINT)],
    writers: [list(hits.map(({ id }) => writers.get(id.writer) ?? 0)), LIST(UINTEGER)],
    segments: [list(hits.map(({ id }) => id.segment)), LIST(UINTEGER)],
    positions: [list(hits.map(({ id }) => id.position)), LIST(UINTEGER)],
    oldest: [BigInt(oldest), BIGINT],
    newest: [BigInt(newest), BIGINT],
  };
}

async function rowsOf(reader: Reader, sql: string, given: Parameters): Promise<DuckDBValue[][]> {
  const statement = await reader.statement(sql);
  for (const [name, [value, type]] of Object.entries(given)) {
    statement.bindValue(statement.parameterIndex(name), value, type);
  }
  return (await statement.runAndReadAll()).getRows();
}
