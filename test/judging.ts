// The real judging for tests of what surrounds it, with no files of networks and countries.

import { Judging } from '../src/delivery/judging.ts';
import { Retention } from '../src/delivery/retention.ts';
import type { Store } from '../src/store/store.ts';
import { Judge } from '../src/verdict/judge.ts';
import { PrefixTable } from '../src/verdict/networks/prefix-table.ts';

const WINDOWS = { scanNetworkSeconds: 45, scanSentSeconds: 7, scanCodesSeconds: 3 };

export function judgingOf(
  store: Pick<Store, 'sentTimes'>,
  ignoredAddresses: readonly string[] = [],
): Judging {
  const judge = new Judge({
    apple: new PrefixTable<string>([]),
    scanners: new PrefixTable<never>([]),
    countries: null,
  });
  return new Judging(judge, { ...WINDOWS, ignoredAddresses }, store);
}

/** A loader's parts that only tests of judging and of notes look at. */
export function judgedParts(store: Pick<Store, 'sentTimes'>): {
  readonly judging: Judging;
  readonly retention: Retention;
  readonly onNotes: () => Promise<void>;
} {
  const onNotes = (): Promise<void> => Promise.resolve();
  return { judging: judgingOf(store), retention: new Retention(0), onNotes };
}
