// Reads files of networks: Apple's own list of its relays' addresses, and our list of scanners. An operator
// refreshes both; a broken file is named with the line, and never half used. One that is empty, cut or
// suddenly small is most likely half a download.

import { readFile, stat } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { Failure } from '../../config/failure.ts';
import { NETWORK_ROWS_MAX, REFERENCE_BYTES_MAX } from '../../limits.ts';
import { parsePrefix, type Prefix, PrefixTable } from './prefix-table.ts';

/** Both lists change by little from one week to the next. */
const SHARE_MIN = 0.5;
/** Lines that are read at once; a collector answers requests in between. */
const LINES_PER_TURN = 1_000;

/**
 * `scanner`: nobody reads from there, whatever the agent. `mail-security`: a mail gateway's network, where
 * people may sit as well, so that it only counts together with haste (overlay.ts).
 */
export type ScannerKind = 'scanner' | 'mail-security';

export interface ScannerNetwork {
  readonly kind: ScannerKind;
  readonly name: string;
}

/** Addresses of Apple's relays; what stands for each is the country of the people behind it, or ''. */
export type AppleNetworks = PrefixTable<string>;
export type ScannerNetworks = PrefixTable<ScannerNetwork>;

/**
 * Apple's format, without a header: `172.224.226.0/27,GB,GB-EN,London,`. `before`: how many networks the last
 * good file had; one with less than half of them is refused. Rejects with a {@link Failure}.
 */
export async function loadAppleNetworks(path: string, before = 0): Promise<AppleNetworks> {
  return load(path, before, ([, country = '']) => {
    if (!/^[A-Z]{0,2}$/.test(country)) return 'has no country of two capital letters';
    return { value: country };
  });
}

/**
 * `prefix,kind,name,source`, with the date of each in the source; lines with `#` are comments. `before` and
 * what is refused as above.
 */
export async function loadScannerNetworks(path: string, before = 0): Promise<ScannerNetworks> {
  return load(path, before, ([, kind = '', name = '']) => {
    if (kind !== 'scanner' && kind !== 'mail-security')
      return 'is neither scanner nor mail-security';
    return name === '' ? 'has no name' : { value: { kind, name } };
  });
}

type ReadRow<Value> = (cells: readonly string[]) => string | { readonly value: Value };

async function load<Value>(
  path: string,
  before: number,
  read: ReadRow<Value>,
): Promise<PrefixTable<Value>> {
  const text = await readText(path);
  const rows: [Prefix, Value][] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (index % LINES_PER_TURN === 0) await turn();
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const cells = trimmed.split(',').map((cell) => cell.trim());
    const prefix = parsePrefix(cells[0] ?? '');
    const wrong = (what: string): Failure => new Failure(`${path}, line ${index + 1}, ${what}`);
    if (prefix === null) throw wrong('does not begin with a network');
    const row = read(cells);
    if (typeof row === 'string') throw wrong(row);
    rows.push([prefix, row.value]);
    if (rows.length > NETWORK_ROWS_MAX) throw new Failure(`${path} has too many networks`);
  }
  if (rows.length === 0) throw new Failure(`${path} has no networks`);
  if (!text.endsWith('\n')) throw new Failure(`${path} ends within a line, so it is not complete`);
  const table = new PrefixTable(rows);
  if (table.size < before * SHARE_MIN) {
    throw new Failure(
      `${path} has ${table.size} networks, and there were ${before}: if that is right, restart to take it`,
    );
  }
  return table;
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > REFERENCE_BYTES_MAX) throw new Failure(`${path} is too large`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`${path} cannot be read: ${(error as Error).message}`);
  }
}
