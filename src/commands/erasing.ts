// The worker that does erasures, as the process that keeps the archive of its DATA_DIR has it: the store's,
// or on a machine that only collects the relay's.

import type { Config } from '../config/config.ts';
import { visitLogPath } from '../config/paths.ts';
import { ErasureJobs } from '../delivery/erasure-job.ts';
import { Erasures, type StoreSide } from '../delivery/erasures.ts';
import type { Note, Recorded } from '../hit/event.ts';
import type { JournalKeeper } from '../journal/keeper.ts';
import { ErasedCodes } from '../store/erased.ts';
import type { Store } from '../store/store.ts';
import type { Logger } from '../telemetry/log.ts';

type ErasingConfig = Pick<Config, 'dataDir' | 'visitLog' | 'connString'>;

/** What each report says besides: where data may lie that no erasure reaches at once. */
const QUESTDB_REMARK =
  'QuestDB: its write-ahead log and old column files go when QuestDB lets them (docs/erasure.md)';
const EMBEDDED_REMARK =
  'store.duckdb is made anew; rarely stray bytes stay, which a rebuild removes (docs/erasure.md)';
const ELSEWHERE_REMARK =
  'backups, other machines’ DATA_DIR, and messages that are still on a bus (docs/erasure.md)';

export function startErasures(
  config: ErasingConfig,
  keeper: JournalKeeper,
  storeSide: StoreSide | null,
  log: Logger,
): Erasures {
  const { dataDir, visitLog, connString } = config;
  const stores = storeSide !== null;
  const storeRemarks = stores ? [connString === null ? EMBEDDED_REMARK : QUESTDB_REMARK] : [];
  const erasures = new Erasures({
    dataDir,
    jobs: new ErasureJobs(dataDir),
    keeper,
    storeSide,
    visitLog: stores ? visitLog : null,
    olderVisitLogs: stores ? [visitLogPath(dataDir)] : [],
    remarks: [...storeRemarks, ELSEWHERE_REMARK],
    log,
  });
  erasures.start();
  return erasures;
}

/**
 * Keeps late hits of erased pixels out of the archive. `learn` is to be told of each load's notes. Rejects
 * with StoreError.
 */
export async function keepErasedOut(
  keeper: JournalKeeper,
  store: Pick<Store, 'modes'>,
): Promise<{
  readonly erased: ErasedCodes;
  readonly learn: (notes: readonly Recorded<Note>[]) => void;
}> {
  const erased = new ErasedCodes((await store.modes()).erased);
  const update = (): void => {
    if (erased.digests.length === 0) return;
    keeper.edit ??= ({ event }) => (erased.has(event.code) ? 'erase' : 'keep');
  };
  update();
  const learn = (notes: readonly Recorded<Note>[]): void => {
    for (const { event } of notes) if (event.kind === 'pixel-erased') erased.add(event.digest);
    update();
  };
  return { erased, learn };
}
