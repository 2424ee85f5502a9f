// The reckoning behind a torture: what the journal, the store and the visit log of a stopped installation
// hold, against what its clients were promised.

import { isHit } from '../../src/hit/event.ts';
import { DuckDBInstance } from '@duckdb/node-api';
import { storePath } from '../../src/config/paths.ts';
import { readJournal } from '../read-journal.ts';
import { isClean, Tally, type Finding } from './ledger.ts';
import { isVisit, markerOf, type FoundHit } from './marker.ts';
import { readQuestdb } from './questdb-rows.ts';
import { eachLine, markerOfLine } from './visit-log.ts';

export interface Evidence {
  readonly dataDir: string;
  readonly visitLogs: readonly string[];
  /** QuestDB's, when that is the store. */
  readonly connString: string | null;
  /** One byte a marker, see ledger.ts. */
  readonly fates: Uint8Array;
  /** Codes whose minting was acknowledged. */
  readonly codes: readonly string[];
}

export interface Reckoning {
  /** Journal and archive: tells a hit that was never kept from one that was not delivered. */
  readonly journal: Finding;
  readonly store: Finding;
  readonly visitLog: Finding;
  /** Acknowledged pixels that the store does not know. */
  readonly pixelsLost: number;
  /** Bytes of the journal that do not read as batches, in words. A crash may tear, but never damage. */
  readonly damage: readonly string[];
}

const everyMarker = (): boolean => true;

/** Reads everything back. The installation must have ended. */
export async function reckon(evidence: Evidence): Promise<Reckoning> {
  const { fates } = evidence;
  const journal = new Tally(fates, everyMarker);
  const damage = await readJournal(evidence.dataDir, ({ event }) => {
    if (isHit(event)) journal.see(markerOf(event), JSON.stringify(event));
  });
  const store = new Tally(fates, everyMarker);
  const onHit = (hit: FoundHit): void => store.see(markerOf(hit), JSON.stringify(hit));
  const pixels =
    evidence.connString === null
      ? await readStore(storePath(evidence.dataDir), onHit)
      : await readQuestdb(evidence.connString, onHit);
  const visitLog = await tallyVisitLogs(evidence.visitLogs, fates);
  return {
    journal: journal.finding(),
    store: store.finding(),
    visitLog,
    pixelsLost: evidence.codes.filter((code) => !pixels.has(code)).length,
    damage,
  };
}

/** Whether every promise was kept. */
export const isKept = (reckoning: Reckoning): boolean =>
  isClean(reckoning.journal) &&
  isClean(reckoning.store) &&
  isClean(reckoning.visitLog) &&
  reckoning.pixelsLost === 0 &&
  reckoning.damage.length === 0;

export async function tallyVisitLogs(
  files: readonly string[],
  fates: Uint8Array,
): Promise<Finding> {
  const tally = new Tally(fates, isVisit);
  for (const file of files) await eachLine(file, (line) => tally.see(markerOfLine(line), line));
  return tally.finding();
}

/** Calls back for every hit of the embedded store; resolves with the codes of its pixels. */
async function readStore(path: string, onHit: (hit: FoundHit) => void): Promise<Set<string>> {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  try {
    const hits = await connection.stream(
      `SELECT name, code, referrer, agent, address FROM hits JOIN hit_kinds USING (kind)`,
    );
    for await (const rows of hits.yieldRows()) {
      for (const [kind, code, referrer, agent, address] of rows) {
        onHit({ kind, code, referrer, agent, address } as FoundHit);
      }
    }
    const pixels = await connection.runAndReadAll('SELECT code FROM pixels');
    return new Set(pixels.getRows().map(([code]) => String(code)));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
