// `truepixel import trackpixel`: an installation of TrackPixel, with its pixels, its opens and the codes
// in mails that were sent long ago.

import type { Config } from '../config/config.ts';
import { ensureDataDir } from '../config/data-dir.ts';
import { EXIT_FAILED, EXIT_USAGE, Failure } from '../config/failure.ts';
import { importPath, registeredCodesPath } from '../config/paths.ts';
import { postgresUrl } from '../config/values.ts';
import {
  type ImportCounts,
  importAll,
  ImportRefused,
  type ImportTable,
} from '../delivery/import.ts';
import { codeOfUri, type ImportRow, mintedEvent, openEvent } from '../delivery/import-rows.ts';
import { readState, UNREAD, writeState } from '../delivery/import-state.ts';
import { registerCodes } from '../hit/registered-codes.ts';
import { realFileSystem } from '../journal/filesystem.ts';
import { openJournal } from '../journal/open.ts';
import { journalDirs } from '../journal/places.ts';
import { JournalReader } from '../journal/reader.ts';
import { journalBytes } from '../journal/usage.ts';
import { IMPORT_JOURNAL_SHARE_MAX, IMPORT_ROWS } from '../limits.ts';
import type { TableSize, TrackPixelSource } from '../store/questdb-trackpixel.ts';
import { StoreError } from '../store/store.ts';
import { createLog, type Logger } from '../telemetry/log.ts';
import type { Command } from './command.ts';

const TELL_MS = 1_000;
const UNUSABLE_SHOWN_MAX = 10;
const SHOWN_CHARACTERS_MAX = 100;
/** What a shell makes of Ctrl-C. */
const EXIT_STOPPED = 130;

export const importCommand: Command = {
  name: 'import',
  summary: 'Bring the pixels and opens of TrackPixel along',
  help: `import trackpixel reads TrackPixel's tables from QuestDB (CONN_STRING, or the URL that is given) and
puts them into the journal; the server, whether it runs or is started later, loads them into its store.
Codes in mails that were already sent are registered and go on working.

It may be stopped and run again, also to fetch what came meanwhile; nothing is doubled.`,
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
  const lock = realFileSystem.lock(`${importPath(config.dataDir)}.lock`);
  if (lock === null) throw new Failure('another import runs already');
  const { TrackPixelSource: Source } = await import('../store/questdb-trackpixel.ts');
  const source = new Source(connString, log);
  try {
    return await importFrom(source, config, nameOf(connString), log);
  } catch (error) {
    if (error instanceof StoreError || error instanceof ImportRefused) {
      throw new Failure(`import: ${error.message}`, EXIT_FAILED, { cause: error });
    }
    throw error;
  } finally {
    await source.close();
    lock.release();
  }
}

async function importFrom(
  source: TrackPixelSource,
  config: Config,
  sourceName: string,
  log: Logger,
): Promise<number> {
  const { dataDir } = config;
  const sizes = { pixels: await source.size('pixels'), opens: await source.size('opens') };
  const begun = await readState(importPath(dataDir));
  if (begun !== null && begun.source !== sourceName) {
    throw new Failure(
      `import: ${importPath(dataDir)} tells of an import from ${begun.source}; ` +
        'move it away for another source',
    );
  }
  const registered = await registerCodes(registeredCodesPath(dataDir), codesOf(source));
  tell(`${registered} codes are registered`);

  const stop = stopSignal();
  const writer = await openJournal(config, 'import', log);
  const journal = new JournalReader(journalDirs(dataDir));
  // Nobody else writes slots of this role, and there is one import at a time.
  const { slot } = writer.stats;
  const first = { source: sourceName, slot, place: null, pixels: UNREAD, opens: UNREAD };
  const report = new Report(sizes);
  try {
    const counts = await importAll(
      {
        source,
        writer,
        journal,
        eventOf: (table, row) => eventOf(config, table, row),
        onKept: async (state, kept) => {
          await writeState(importPath(dataDir), state);
          report.progress(kept);
          await refuseFullJournal(config);
        },
        onUnusable: (table, row) => report.unusable(table, row),
        isStopped: () => stop.stopped,
      },
      begun ?? first,
    );
    report.end(counts, stop.stopped);
    return stop.stopped ? EXIT_STOPPED : 0;
  } finally {
    await writer.close();
    await journal.close();
  }
}

function eventOf({ ipPolicy }: Config, table: ImportTable, row: ImportRow) {
  return table === 'pixels' ? mintedEvent(row) : openEvent(row, ipPolicy);
}

/** All of them at every run: they are few beside the opens, and a file that was lost is whole again. */
async function* codesOf(source: TrackPixelSource): AsyncGenerator<string> {
  for await (const page of source.rows('pixels', 0, IMPORT_ROWS)) {
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

/** `host:port/database`: whose rows they are, without user and password. */
function nameOf(connString: string): string {
  const { host, pathname } = new URL(connString);
  return `${host}${pathname}`;
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

/** What the operator is told. */
class Report {
  readonly #sizes: Record<ImportTable, TableSize>;
  readonly #began = performance.now();
  #told = performance.now();
  #shown = 0;

  constructor(sizes: Record<ImportTable, TableSize>) {
    this.#sizes = sizes;
  }

  progress({ kept }: ImportCounts): void {
    if (performance.now() - this.#told < TELL_MS) return;
    this.#told = performance.now();
    const { pixels, opens } = this.#sizes;
    const seconds = (this.#told - this.#began) / 1_000;
    const rate = Math.round((kept.pixels + kept.opens) / seconds);
    tell(
      `${kept.pixels} of ${pixels.rows} pixels, ${kept.opens} of ${opens.rows} opens, ${rate} a second`,
    );
  }

  unusable(table: ImportTable, { at, uri }: ImportRow): void {
    this.#shown++;
    if (this.#shown > UNUSABLE_SHOWN_MAX) return;
    const shown = JSON.stringify(uri?.slice(0, SHOWN_CHARACTERS_MAX) ?? null);
    const time = new Date(at / 1_000).toISOString();
    tell(`not imported: a row of the ${table} of ${time} names no usable code: ${shown}`);
  }

  end({ kept, unusable }: ImportCounts, stopped: boolean): void {
    const { pixels, opens } = this.#sizes;
    if (stopped) {
      tell(`stopped after ${kept.pixels} pixels and ${kept.opens} opens; run it again to go on`);
      return;
    }
    tell(
      `imported ${kept.pixels} pixels and ${kept.opens} opens; ` +
        `TrackPixel has ${pixels.rows} and ${opens.rows}, the others were here already or cannot be used`,
    );
    const lost = unusable.pixels + unusable.opens;
    if (lost > 0) tell(`without a usable code: ${unusable.pixels} pixels, ${unusable.opens} opens`);
    const timeless = pixels.withoutTime + opens.withoutTime;
    if (timeless > 0) {
      tell(`without a time since 1970: ${pixels.withoutTime} pixels, ${opens.withoutTime} opens`);
    }
  }
}

function tell(text: string): void {
  process.stdout.write(`${text}\n`);
}
