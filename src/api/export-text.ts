// Exports as text. CSV is RFC 4180 in UTF-8 with a header row, and safe to open: a cell that a spreadsheet
// would take for a formula gets an apostrophe before it, since anybody on the internet writes agents and
// referrers. NDJSON is an object a line, exact.

import type { Column } from './export-columns.ts';
import { formatMicros } from './times.ts';

/** Rows to the bytes of a file, one call after the other. */
export interface RowFormat<Row> {
  readonly begin: () => string | Uint8Array;
  readonly rows: (rows: readonly Row[]) => string | Uint8Array;
  readonly end: () => string | Uint8Array;
}

const LINE_END = '\r\n';
const NEEDS_QUOTES = /[",\r\n]/;
/** What OWASP says begins a formula somewhere (CSV injection). */
const FORMULA = /^[=+\-@\t\r\n]/;
/** The same where a cell begins for spreadsheets of half the world, which part them by semicolons or tabs. */
const FORMULA_BEHIND = /([;\t]"*)(?=[=+\-@])/g;

export function csvOf<Row>(columns: readonly Column<Row>[]): RowFormat<Row> {
  const line = (row: Row): string => columns.map((column) => cell(column, row)).join(',');
  return {
    begin: () => columns.map(({ name }) => name).join(',') + LINE_END,
    rows: (rows) => rows.map((row) => line(row) + LINE_END).join(''),
    end: () => '',
  };
}

/** A missing value and an empty one are both an empty cell. */
function cell<Row>({ kind, of }: Column<Row>, row: Row): string {
  const value = of(row);
  if (value === null) return '';
  if (typeof value === 'number') return kind === 'time' ? formatMicros(value) : String(value);
  const safe = value.replaceAll(FORMULA_BEHIND, "$1'");
  const text = FORMULA.test(safe) ? `'${safe}` : safe;
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function ndjsonOf<Row>(columns: readonly Column<Row>[]): RowFormat<Row> {
  // Names are ours and need no escapes; putting the object together first takes twice as long.
  const keys = columns.map(({ name }, i) => `${i === 0 ? '{' : ','}"${name}":`);
  const line = (row: Row): string => {
    let text = '';
    for (const [i, column] of columns.entries()) text += keys[i] + json(column, row);
    return `${text}}\n`;
  };
  return { begin: () => '', rows: (rows) => rows.map(line).join(''), end: () => '' };
}

function json<Row>({ kind, of }: Column<Row>, row: Row): string {
  const value = of(row);
  if (kind === 'time' && typeof value === 'number') return `"${formatMicros(value)}"`;
  if (kind === 'json' && typeof value === 'string') return value;
  return JSON.stringify(value);
}
