// The files that verdicts look things up in, loaded together and refreshed one by one: a file that cannot be
// used is named, and the last good one stays in use.

import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config/config.ts';
import { Failure } from '../config/failure.ts';
import { REFERENCE_POLL_MS } from '../limits.ts';
import { openCountries } from './countries.ts';
import { Judge, type References } from './judge.ts';
import { loadAppleNetworks, loadScannerNetworks } from './networks/network-files.ts';
import { PrefixTable } from './networks/prefix-table.ts';

const SHIPPED = 'shipped';
const SHIPPED_SCANNERS = fileURLToPath(new URL('./networks/scanners.csv', import.meta.url));

type Files = Pick<Config, 'appleEgressFile' | 'scannerNetworksFile' | 'countryFile'>;

interface ReferenceFile {
  readonly path: string;
  /** `last`: what is in use now. */
  readonly load: (last: References) => Promise<Partial<References>>;
}

function filesOf({ appleEgressFile, scannerNetworksFile, countryFile }: Files): ReferenceFile[] {
  const files: ReferenceFile[] = [];
  if (appleEgressFile !== null) {
    const path = appleEgressFile;
    files.push({
      path,
      load: async ({ apple }) => ({ apple: await loadAppleNetworks(path, apple.size) }),
    });
  }
  if (scannerNetworksFile !== null) {
    const path = scannerNetworksFile === SHIPPED ? SHIPPED_SCANNERS : scannerNetworksFile;
    files.push({
      path,
      load: async ({ scanners }) => ({ scanners: await loadScannerNetworks(path, scanners.size) }),
    });
  }
  if (countryFile !== null) {
    const path = countryFile;
    files.push({ path, load: async () => ({ countries: await openCountries(path) }) });
  }
  return files;
}

export class ReferenceFiles {
  readonly #files: readonly ReferenceFile[];
  /** What each file looked like when it was last tried. */
  readonly #seen = new Map<ReferenceFile, string>();
  #loaded: References = {
    apple: new PrefixTable<string>([]),
    scanners: new PrefixTable<never>([]),
    countries: null,
  };

  constructor(files: Files) {
    this.#files = filesOf(files);
  }

  get loaded(): References {
    return this.#loaded;
  }

  /**
   * Loads every file that is new or was replaced. Resolves with what is wrong, a line for each of these that
   * could not be used and was left as it was; it is told again when the file has changed again.
   */
  async refresh(): Promise<string[]> {
    const complaints: string[] = [];
    for (const file of this.#files) {
      const looks = await looksOf(file.path);
      if (looks === this.#seen.get(file)) continue;
      this.#seen.set(file, looks);
      try {
        this.#loaded = { ...this.#loaded, ...(await file.load(this.#loaded)) };
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        complaints.push(error.message);
      }
    }
    return complaints;
  }
}

/** Differs when the file was replaced or written to. */
async function looksOf(path: string): Promise<string> {
  if (path === SHIPPED) return path;
  return stat(path).then(
    ({ ino, mtimeMs, size }) => `${ino} ${mtimeMs} ${size}`,
    (error: NodeJS.ErrnoException) => error.code ?? '',
  );
}

/** A judge whose references stay as new as the files; those that are replaced count within 10 seconds. */
export class FreshJudge {
  readonly #judge: Judge;
  readonly #files: ReferenceFiles;
  readonly #onTrouble: (complaint: string) => void;
  #ready: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  /** Nothing is loaded before it is needed. `onTrouble` is told once of each file that cannot be used. */
  constructor(files: Files, onTrouble: (complaint: string) => void) {
    this.#files = new ReferenceFiles(files);
    this.#judge = new Judge(this.#files.loaded);
    this.#onTrouble = onTrouble;
  }

  /** At once; until {@link ready} has resolved it knows no networks and no countries. */
  get judge(): Judge {
    if (this.#ready === null) void this.ready();
    return this.#judge;
  }

  /** Begins to load when nobody has, and resolves once every file was tried. */
  ready(): Promise<void> {
    this.#ready ??= this.#refresh().then(() => this.#poll());
    return this.#ready;
  }

  /** Reads now what is new. Never rejects. */
  async refresh(): Promise<void> {
    await this.ready();
    await this.#refresh();
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #poll(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(
      () => void this.#refresh().then(() => this.#poll()),
      REFERENCE_POLL_MS,
    );
    this.#timer.unref();
  }

  async #refresh(): Promise<void> {
    const before = this.#files.loaded;
    const complaints = await this.#files.refresh();
    if (this.#files.loaded !== before) this.#judge.use(this.#files.loaded);
    for (const complaint of complaints) this.#onTrouble(complaint);
  }
}
