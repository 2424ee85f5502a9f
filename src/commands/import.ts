// `truepixel import trackpixel`: an installation of TrackPixel, with its pixels, its opens and the codes
// in mails that were sent long ago.

import type { Config } from '../config/config.ts';
import { ensureDataDir } from '../config/data-dir.ts';
import { EXIT_FAILED, EXIT_USAGE, Failure } from '../config/failure.ts';
import { importDir, pixelModesPath, registeredCodesPath } from '../config/paths.ts';
import { postgresUrl } from '../config/values.ts';
import { importAll, ImportRefused } from '../delivery/import.ts';
import { codeOfUri, RowReader } from '../delivery/import-rows.ts';
import { ImportState } from '../delivery/import-state.ts';
import { PixelModes } from '../hit/pixel-modes.ts';
import { registerCodes } from '../hit/registered-codes.ts';
import { realFileSystem } from '../journal/filesystem.ts';
import { openJournal } from '../journal/open.ts';
import { journalDirs } from '../journal/places.ts';
import { JournalReader } from '../journal/reader.ts';
import { journalBytes } from '../journal/usage.ts';
import { IMPORT_JOURNAL_SHARE_MAX, IMPORT_ROWS, REGISTERED_CODES_MAX } from '../limits.ts';
import type { SourceDay, TrackPixelSource } from '../store/questdb-trackpixel.ts';
import { StoreError } from '../store/store.ts';
import { createLog, type Logger } from '../telemetry/log.ts';
import type { Command } from './command.ts';
import { ImportReport, tell } from './import-report.ts';

/** What a shell makes of Ctrl-C. */
const EXIT_STOPPED = 130;

export const importCommand: Command = {
  name: 'import',
  summary: 'Bring the pixels and opens of TrackPixel along',
  help: `import trackpixel reads TrackPixel's tables from QuestDB (CONN_STRING, or the URL that is given) and
puts them into the journal; the server, whether it runs or is started later, loads them into its store.
Codes in mails that were already sent are registered and go on working.

It may be stopped and run again, also to fetch what came meanwhile, and for further installations of
TrackPixel; a row that is here already is known by its time, code and address. What IP_POLICY, PRIVACY and
PIXEL_MODE do not allow to be kept is left out.`,
  roles: ['importer', 'journal-writer'],
  arguments: 'trackpixel [URL]',
  async run(config, args) {
    const [what, url, ...rest] = args;
    if (what !== 'trackpixel' || rest.length > 0) {
      throw new Failure(
        'import: expected trackpixel, and a URL where CONN_STRING is not it',
        EXIT_USAGE,
      );
    }
    const connString = url ?? config.connString;
    if (connString === null || !postgresUrl.safeParse(connString).success) {
      throw new Failure(
        'import: where is TrackPixel’s QuestDB? Give CONN_STRING or a URL such as ' +
          'postgresql://admin:quest@localhost:8812/qdb',
        EXIT_USAGE,
      );
    }
    return await runImport(config, connString);
  },
};

async function runImport(config: Config, connString: string): Promise<number> {
  const log = createLog(config.logLevel, 'import');
  await ensureDataDir(config.dataDir);
  const lock = realFileSystem.lock(`${importDir(config.dataDir)}.lock`);
  if (lock === null) throw new Failure('another import runs already');
  const { TrackPixelSource: Source } = await import('../store/questdb-trackpixel.ts');
  let source: TrackPixelSource | null = null;
  try {
    source = await Source.open(connString, log);
    return await importFrom(source, config, log);
  } catch (error) {
    if (error instanceof StoreError || error instanceof ImportRefused) {
      throw new Failure(`import: ${error.message}`, EXIT_FAILED, { cause: error });
    }
    throw error;
  } finally {
    await source?.close();
    lock.release();
  }
}

async function importFrom(source: TrackPixelSource, config: Config, log: Logger): Promise<number> {
  const { dataDir } = config;
  const sizes = { pixels: await source.size('pixels'), opens: await source.size('opens') };
  const days = { pixels: await source.days('pixels'), opens: await source.days('opens') };
  await registerAll(source, days.pixels, config);

  const stop = stopSignal();
  const writer = await openJournal(config, 'import', log);
  const journal = new JournalReader(journalDirs(dataDir));
  const modes = await PixelModes.open(pixelModesPath(dataDir), (trouble) => log.error(trouble));
  const reader = new RowReader(config, modes);
  const report = new ImportReport(sizes, {
    pixels: rowsOf(days.pixels),
    opens: rowsOf(days.opens),
  });
  try {
    // Nobody else writes slots of this role, and there is one import at a time.
    const { slot } = writer.stats;
    const state = await ImportState.open(importDir(dataDir), slot, journal, (events) =>
      tell(`journal and archive hold ${events} events of earlier imports`),
    );
    const counts = await importAll({
      source,
      days,
      writer,
      state,
      read: (table, row) => reader.read(table, row),
      onKept: async (kept) => {
        report.progress(kept);
        await refuseFullJournal(config);
      },
      onUnusable: (table, row) => report.unusable(table, row),
      isStopped: () => stop.stopped,
    });
    report.end(counts, stop.stopped);
    return stop.stopped ? EXIT_STOPPED : 0;
  } finally {
    modes.close();
    await writer.close();
    await journal.close();
  }
}

const rowsOf = (days: readonly SourceDay[]): number =>
  days.reduce((sum, { rows }) => sum + rows, 0);

/** Where codes are checked, those of TrackPixel would be none of ours. */
async function registerAll(
  source: TrackPixelSource,
  days: readonly SourceDay[],
  config: Config,
): Promise<void> {
  if (config.codeCheck === 'off') {
    tell('CODE_CHECK is off: codes need not be registered');
    return;
  }
  // Asked first: to read them all takes half a minute.
  const rows = rowsOf(days);
  if (rows > REGISTERED_CODES_MAX && (await source.countMinted()) > REGISTERED_CODES_MAX) {
    throw tooManyCodes();
  }
  try {
    const codes = codesOf(source, days);
    const registered = await registerCodes(registeredCodesPath(config.dataDir), codes);
    tell(`${registered} codes are registered`);
  } catch (error) {
    // Together with those of earlier imports.
    if (error instanceof RangeError && error.message.startsWith('more than'))
      throw tooManyCodes(error);
    throw error;
  }
}

function tooManyCodes(cause?: Error): Failure {
  return new Failure(
    `import: at most ${REGISTERED_CODES_MAX} codes can be registered; with CODE_CHECK=off, ` +
      'for the import and for the server, every code is taken and none has to be',
    EXIT_FAILED,
    { cause },
  );
}

/** All of them at every run: they are few beside the opens, and a file that was lost is whole again. */
async function* codesOf(
  source: TrackPixelSource,
  days: readonly SourceDay[],
): AsyncGenerator<string> {
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return;
  for await (const page of source.rows('pixels', first.day, last.day, IMPORT_ROWS)) {
    for (const { uri } of page) {
      const code = codeOfUri(uri);
      if (code !== null) yield code;
    }
  }
}

/** An import must not take the room that hits need, which are answered with 503 without it. */
async function refuseFullJournal({ dataDir, journalBytesMax }: Config): Promise<void> {
  const used = await journalBytes(realFileSystem, journalDirs(dataDir));
  if (used <= IMPORT_JOURNAL_SHARE_MAX * journalBytesMax) return;
  throw new ImportRefused(
    `journal and archive hold ${used} bytes of JOURNAL_BYTES_MAX: ` +
      'let the server load them and raise the bound, then run the import again',
  );
}

function stopSignal(): { readonly stopped: boolean } {
  const stop = { stopped: false };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stop.stopped = true;
    });
  }
  return stop;
}
