// What brings the journal into the store, and what keeps the store as it should be: the loader with its
// judge, the file that tells collectors of pixels' modes, retention, and judging anew.

import type { Config } from '../config/config.ts';
import { EXIT_USAGE, Failure } from '../config/failure.ts';
import { pixelModesPath, reclassifyPath, visitProgressPath } from '../config/paths.ts';
import { Judging } from '../delivery/judging.ts';
import { Loader } from '../delivery/loader.ts';
import { ReclassifyFile } from '../delivery/reclassify-file.ts';
import { Reclassification } from '../delivery/reclassify.ts';
import { keepRetention, Retention } from '../delivery/retention.ts';
import { VisitLog } from '../delivery/visit-log.ts';
import { VisitProgressFile } from '../delivery/visit-progress.ts';
import type { JudgedHit, Note, Recorded } from '../hit/event.ts';
import { ExpiryClock } from '../hit/expiry-clock.ts';
import { writePixelModes } from '../hit/pixel-modes.ts';
import { journalDirs } from '../journal/places.ts';
import { JournalReader } from '../journal/reader.ts';
import type { Store } from '../store/store.ts';
import type { Logger } from '../telemetry/log.ts';
import type { FreshJudge } from '../verdict/references.ts';
import { openJudge } from './judge.ts';

interface Loading {
  readonly loader: Loader;
  /** The only one of this process: its files are loaded and looked at once. */
  readonly judge: FreshJudge;
  readonly reclassification: Reclassification;
  /** What else works on the store, before its last load. */
  endBeside(): Promise<void>;
  end(): Promise<void>;
}

/** Who is told what the store has from now on, at once. */
interface Listeners {
  readonly onHits: (hits: readonly JudgedHit[]) => void;
  readonly onNotes: (notes: readonly Recorded<Note>[]) => void;
}

/** Throws {@link Failure} when the visit log can never be written, StoreError and errno errors. */
export async function startLoading(
  config: Config,
  store: Store,
  visitLog: VisitLog | null,
  log: Logger,
  { onHits, onNotes }: Listeners,
): Promise<Loading> {
  const { dataDir } = config;
  const fresh = await openJudge(config, log);
  const clock = new ExpiryClock((reason) => log.warn({ option: 'HIT_DAYS' }, reason));
  const retention = new Retention(config.hitDays, clock);
  const tellCollectors = async (): Promise<void> =>
    await writePixelModes(pixelModesPath(dataDir), await store.modes());
  await tellCollectors();
  const loader = new Loader({
    store,
    judging: new Judging(fresh.judge, config, store),
    retention,
    onHits,
    onNotes: async (notes) => {
      onNotes(notes);
      if (notes.some(changesModes)) await tellCollectors();
    },
    journal: new JournalReader(journalDirs(dataDir)),
    visitLog,
    visitProgress: new VisitProgressFile(visitProgressPath(dataDir)),
    log,
  });
  loader.start();
  const expiring = keepRetention(retention, store, log);
  const reclassification = new Reclassification({
    store,
    judging: async () => {
      await fresh.refresh();
      return new Judging(fresh.judge, config, store);
    },
    alone: (work) => loader.alone(work),
    windowSeconds: config.scanCodesSeconds,
    file: new ReclassifyFile(reclassifyPath(dataDir)),
    log,
  });
  await reclassification.resume();
  if (await store.hasUnjudged()) await reclassification.start();
  return {
    loader,
    judge: fresh,
    reclassification,
    endBeside: async () => {
      await Promise.all([expiring.end(), reclassification.stop()]);
    },
    end: async () => {
      await loader.stop();
      fresh.close();
    },
  };
}

/** What was given at minting is in the code itself. */
const changesModes = ({ event }: Recorded<Note>): boolean =>
  event.kind === 'pixel-erased' ||
  (event.kind === 'pixel-changed' && event.properties.mode !== undefined);

/**
 * Told at once, since trying again cannot help: only a regular file keeps its lines and can be compared.
 */
export async function openVisitLog(
  { visitLog: path }: Config,
  log: Logger,
): Promise<VisitLog | null> {
  if (path === null) return null;
  const visitLog = new VisitLog(path, log);
  const refusal = await visitLog.refusal();
  if (refusal !== null) throw new Failure(`VISIT_LOG: ${refusal}`, EXIT_USAGE);
  return visitLog;
}
