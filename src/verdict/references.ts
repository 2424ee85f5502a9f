// The files that verdicts look things up in, loaded together and refreshed one by one: a file that cannot be
// used is named, and the last good one stays in use.

import { fileURLToPath } from 'node:url';
import type { Config } from '../config/config.ts';
import { Failure } from '../config/failure.ts';
import { openCountries } from './countries.ts';
import type { References } from './judge.ts';
import { loadAppleNetworks, loadScannerNetworks } from './networks/network-files.ts';
import { PrefixTable } from './networks/prefix-table.ts';

const SHIPPED_SCANNERS = fileURLToPath(new URL('./networks/scanners.csv', import.meta.url));

type Files = Pick<Config, 'appleEgressFile' | 'scannerNetworksFile' | 'countryFile'>;

export class ReferenceFiles {
  readonly #files: Files;
  #loaded: References = {
    apple: new PrefixTable<string>([]),
    scanners: new PrefixTable<never>([]),
    countries: null,
  };

  constructor(files: Files) {
    this.#files = files;
  }

  get loaded(): References {
    return this.#loaded;
  }

  /**
   * Loads every file anew. Resolves with what is wrong, a line for each file that could not be used and was
   * left as it was.
   */
  async refresh(): Promise<string[]> {
    const { appleEgressFile, scannerNetworksFile, countryFile } = this.#files;
    const complaints: string[] = [];
    const take = async (load: () => Promise<Partial<References>>): Promise<void> => {
      try {
        this.#loaded = { ...this.#loaded, ...(await load()) };
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        complaints.push(error.message);
      }
    };
    if (appleEgressFile !== null) {
      await take(async () => ({ apple: await loadAppleNetworks(appleEgressFile) }));
    }
    if (scannerNetworksFile !== null) {
      const path = scannerNetworksFile === 'shipped' ? SHIPPED_SCANNERS : scannerNetworksFile;
      await take(async () => ({ scanners: await loadScannerNetworks(path) }));
    }
    if (countryFile !== null) {
      await take(async () => ({ countries: await openCountries(countryFile) }));
    }
    return complaints;
  }
}
