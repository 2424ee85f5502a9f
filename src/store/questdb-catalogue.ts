// truepixel_catalogue: every pixel as it is now, in one row, so that QuestDB itself can search, sort and page
// through pixels. It is worked out of truepixel_pixels and truepixel_notes and can be thrown away.
//
// Notes come in any order, again and from several installations, so a row is never changed but made anew from
// all notes of its pixel, and says from how many notes and mintings it was made. Whoever loads notes writes
// the rows of their pixels once the notes can be read. Where these numbers do not add up to what the two
// tables have, some rows are missing or old, and they are found by them: those of an older program's tables,
// of one that still runs, of a crash in between, and of two installations that wrote at the same time.
//
// A pixel that nobody minted yet has a row at the beginning of 1970. One whose time has changed has a row at
// each, of which all but one are superseded. docs/decisions/0023 says what else was considered.

import { setTimeout as sleep } from 'node:timers/promises';
import { CATALOGUE_CODES, CATALOGUE_WAIT_MS_MAX } from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';
import { shown, tableStates } from './questdb-applied.ts';
import type { Connections } from './questdb-connection.ts';
import { type CatalogueRow, catalogueLines } from './questdb-catalogue-lines.ts';
import type { Ilp } from './questdb-ilp.ts';
import { textKey } from './questdb-lines.ts';
import { propertiesIn } from './questdb-notes.ts';
import { notes, places } from './questdb-query.ts';
import { CATALOGUE, NOTES, PIXELS } from './questdb-tables.ts';
import { StoreError } from './store.ts';

/** Codes that one query asks for: each is a key that QuestDB looks up. */
const ASKED_MAX = 500;
const SOURCES = [PIXELS, NOTES, CATALOGUE] as const;

const ofCodes = (count: number): string =>
  `code_key IN (${places(1, count)}) AND code IN (${places(1 + count, count)})`;
const timesIn = (table: string, count: number): string =>
  `SELECT code, cast(created_at AS long) FROM ${table} WHERE ${ofCodes(count)}`;

/** One row for each note and minting, and one for each row of the catalogue with how many it knows. */
const COUNTED = `SELECT code, 1 AS notes, 0 AS mints, 0 AS known_notes, 0 AS known_mints
    FROM ${NOTES} WHERE code IS NOT NULL
  UNION ALL SELECT code, 0, 1, 0, 0 FROM ${PIXELS} WHERE code IS NOT NULL
  UNION ALL SELECT code, 0, 0, notes, mints FROM ${CATALOGUE} WHERE code IS NOT NULL AND NOT superseded`;
/** Three rows. */
const SUMS = `SELECT count(), 0 FROM ${NOTES} WHERE code IS NOT NULL
  UNION ALL SELECT 0, count() FROM ${PIXELS} WHERE code IS NOT NULL
  UNION ALL SELECT -sum(notes), -sum(mints) FROM ${CATALOGUE} WHERE code IS NOT NULL AND NOT superseded`;
const OUTDATED = `SELECT code FROM (
    SELECT code, sum(notes) AS notes, sum(mints) AS mints, sum(known_notes) AS known_notes,
      sum(known_mints) AS known_mints FROM (${COUNTED}) GROUP BY code)
  WHERE notes <> known_notes OR mints <> known_mints LIMIT ${CATALOGUE_CODES}`;

/** The rows of these pixels as their notes, which can be read, say. */
export async function catalogueRows(
  connections: Connections,
  codes: readonly string[],
): Promise<readonly CatalogueRow[]> {
  const rows: CatalogueRow[] = [];
  for (let from = 0; from < codes.length; from += ASKED_MAX) {
    rows.push(...(await rowsOf(connections, codes.slice(from, from + ASKED_MAX))));
  }
  return rows;
}

async function rowsOf(
  connections: Connections,
  codes: readonly string[],
): Promise<readonly CatalogueRow[]> {
  const asked = [...codes.map(textKey), ...codes];
  const minted = await connections.query(timesIn(PIXELS, codes.length), asked);
  const there = await connections.query(timesIn(CATALOGUE, codes.length), asked);
  const said = await connections.query(notes('said', ofCodes(codes.length)), asked);
  const properties = propertiesIn(said);
  const saidOf = Map.groupBy(said, (row) => row[4]);
  const mintedOf = Map.groupBy(minted, ([code]) => code);
  const thereOf = Map.groupBy(there, ([code]) => code);
  return codes.flatMap((code) => {
    const times = (mintedOf.get(code) ?? []).map(([, at]) => Number(at));
    const counted = { notes: saidOf.get(code)?.length ?? 0, mints: times.length };
    const createdAt = times.length === 0 ? 0 : Math.min(...times);
    const rows = (thereOf.get(code) ?? []).map(([, at]) => Number(at));
    const others = rows.filter((at) => at !== createdAt);
    const superseded = others.map((at): CatalogueRow => ({
      code,
      createdAt: at,
      isCurrent: false,
    }));
    // Erased, or a row of a note that is gone.
    if (counted.notes + counted.mints === 0) return superseded;
    const now = { isCurrent: true, ...counted, properties: properties.get(code) ?? {} } as const;
    return [...superseded, { code, createdAt, ...now }];
  });
}

interface Parts {
  readonly reads: Connections;
  readonly ilp: Ilp;
  readonly log: Logger;
  /** Does it when no load writes. */
  readonly inTurn: (work: () => Promise<void>) => Promise<void>;
}

export class Catalogue {
  readonly #parts: Parts;
  /** The transactions of the tables at which it was complete. */
  #seen = '';
  #mending: Promise<void> | null = null;
  #ending = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Resolves once it has everything that the tables had before the call. Throws a retryable
   * {@link StoreError} where that takes longer than anybody waits; then it goes on beside.
   */
  async complete(): Promise<void> {
    const { reads } = this.#parts;
    const states = await tableStates(reads);
    const seen = SOURCES.map((name) => states.get(name)?.shown).join(' ');
    if (seen === this.#seen) return;
    if (await this.#addsUp()) {
      this.#seen = seen;
      return;
    }
    const late = sleep(CATALOGUE_WAIT_MS_MAX, 'late', { ref: false });
    if ((await Promise.race([this.mend(), late])) !== 'late') return;
    throw new StoreError('the catalogue of pixels is being made', true);
  }

  /** Brings rows up to date that are not. Never rejects: what failed is done by the next call. */
  mend(): Promise<void> {
    this.#mending ??= this.#work()
      .catch((error: unknown) => {
        this.#parts.log.warn({ err: error }, 'the catalogue of pixels is brought up to date later');
      })
      .finally(() => {
        this.#mending = null;
      });
    return this.#mending;
  }

  async end(): Promise<void> {
    this.#ending = true;
    await this.#mending;
  }

  async #addsUp(): Promise<boolean> {
    const rows = await this.#parts.reads.query(SUMS);
    const sumOf = (column: number): number =>
      rows.reduce((sum, row) => sum + Number(row[column] ?? 0), 0);
    return sumOf(0) === 0 && sumOf(1) === 0;
  }

  async #work(): Promise<void> {
    const { reads, ilp, inTurn } = this.#parts;
    let before = '';
    while (!this.#ending) {
      await shown(reads, SOURCES);
      const codes = (await reads.query(OUTDATED)).map(([code]) => code ?? '');
      // The same again: an erasure is under way, which takes the rest of them out.
      if (codes.length === 0 || codes.join(' ') === before) return;
      before = codes.join(' ');
      for (let from = 0; from < codes.length && !this.#ending; from += ASKED_MAX) {
        const rows = await catalogueRows(reads, codes.slice(from, from + ASKED_MAX));
        if (rows.length > 0) await inTurn(() => ilp.send(catalogueLines(rows)));
      }
    }
  }
}
