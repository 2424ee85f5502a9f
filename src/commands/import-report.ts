// What `truepixel import` tells its operator: how far it is, which rows it left out and why, and whether each
// row of the source is accounted for.

import type { ImportCounts, Tally } from '../delivery/import.ts';
import type { ImportRow, ImportTable } from '../delivery/import-rows.ts';
import { IMPORT_YEAR_END, IMPORT_YEAR_MIN } from '../limits.ts';

const TELL_MS = 1_000;
const UNUSABLE_SHOWN_MAX = 10;
const SHOWN_CHARACTERS_MAX = 100;

export type TableSizes = Readonly<Record<ImportTable, number>>;

export class ImportReport {
  /** All rows of the source, of any time, and those among them that have a time of ours. */
  readonly #sizes: TableSizes;
  readonly #timed: TableSizes;
  readonly #began = performance.now();
  #told = performance.now();
  #shown = 0;

  constructor(sizes: TableSizes, timed: TableSizes) {
    this.#sizes = sizes;
    this.#timed = timed;
  }

  progress({ pixels, opens }: ImportCounts): void {
    if (performance.now() - this.#told < TELL_MS) return;
    this.#told = performance.now();
    const seconds = (this.#told - this.#began) / 1_000;
    const rate = Math.round((seen(pixels) + seen(opens)) / seconds);
    tell(
      `${seen(pixels)} of ${this.#sizes.pixels} pixels, ` +
        `${seen(opens)} of ${this.#sizes.opens} opens, ${rate} a second`,
    );
  }

  unusable(table: ImportTable, { at, uri }: ImportRow): void {
    this.#shown++;
    if (this.#shown > UNUSABLE_SHOWN_MAX) return;
    const shown = JSON.stringify(uri?.slice(0, SHOWN_CHARACTERS_MAX) ?? null);
    const time = new Date(at / 1_000).toISOString();
    tell(`not imported: a row of the ${table} of ${time} names no usable code: ${shown}`);
  }

  end({ pixels, opens }: ImportCounts, isStopped: boolean): void {
    if (isStopped) {
      tell(`stopped after ${pixels.kept} pixels and ${opens.kept} opens; run it again to go on`);
      return;
    }
    const sizes = this.#sizes;
    tell(
      `imported ${pixels.kept} pixels and ${opens.kept} opens; ` +
        `of TrackPixel’s ${sizes.pixels} and ${sizes.opens}, ` +
        `${pixels.known} and ${opens.known} were here already`,
    );
    tellIfAny('without a usable code', pixels.unusable, opens.unusable);
    tellIfAny(
      'not to be kept (PIXEL_MODE or the pixel’s mode is off, or it was erased)',
      pixels.unwanted,
      opens.unwanted,
    );
    const without = (table: ImportTable): number => sizes[table] - this.#timed[table];
    tellIfAny(
      `without a time from ${IMPORT_YEAR_MIN} to ${IMPORT_YEAR_END - 1}`,
      without('pixels'),
      without('opens'),
    );
    this.#tellGap('pixels', pixels);
    this.#tellGap('opens', opens);
  }

  /** Rows may come, or be taken out, while they are read. */
  #tellGap(table: ImportTable, tally: Tally): void {
    const gap = seen(tally) - this.#timed[table];
    if (gap === 0) return;
    const times = gap > 0 ? 'more' : 'fewer';
    tell(
      `${Math.abs(gap)} ${table} ${times} than at the beginning: rows changed meanwhile; run it again`,
    );
  }
}

const seen = ({ kept, known, unusable, unwanted }: Tally): number =>
  kept + known + unusable + unwanted;

function tellIfAny(what: string, pixels: number, opens: number): void {
  if (pixels + opens > 0) tell(`${what}: ${pixels} pixels, ${opens} opens`);
}

export function tell(text: string): void {
  process.stdout.write(`${text}\n`);
}
