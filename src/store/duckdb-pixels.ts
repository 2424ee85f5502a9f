// What the embedded store knows about pixels: when each was minted, and the last word on each of its
// properties. A row's column `said` names the event that said each of them, so that notes may come in any
// order: lines of `at id property,property`, also of what was taken back.

import {
  BIGINT,
  type DuckDBConnection,
  type DuckDBType,
  type DuckDBValue,
  LIST,
  listValue,
  UTINYINT,
  VARCHAR,
} from '@duckdb/node-api';
import type { PixelMode } from '../config/config.ts';
import { formatEventId, type Note, parseEventId, type Recorded } from '../hit/event.ts';
import { MODE_NUMBER, namesOf } from './duckdb-numbers.ts';
import type { Reader } from './duckdb-readers.ts';
import {
  mergeWords,
  type Property,
  propertiesOf,
  type Word,
  type Words,
  wordsIn,
} from './properties.ts';
import type { Pixel, PixelNames } from './store.ts';

const MODES = namesOf(MODE_NUMBER);

interface Column {
  readonly property: Property;
  readonly type: DuckDBType;
  /** From the unnested parameter, and to what is read. */
  readonly write: (parameter: string) => string;
  readonly read: string;
  readonly toRow: (value: string | number) => DuckDBValue;
  readonly fromRow: (value: DuckDBValue) => string | number | null;
}

const asIs = (parameter: string): string => parameter;
const textColumn = (property: Property): Column => ({
  property,
  type: VARCHAR,
  write: asIs,
  read: property,
  toRow: (value) => value,
  fromRow: (value) => value as string,
});
const COLUMNS: readonly Column[] = [
  {
    property: 'mode',
    type: UTINYINT,
    write: asIs,
    read: 'mode',
    toRow: (value) => MODE_NUMBER[value as PixelMode],
    fromRow: (value) => MODES.get(value as number) ?? null,
  },
  {
    property: 'sentAt',
    type: BIGINT,
    write: (parameter) => `make_timestamp(${parameter})`,
    read: 'epoch_us(sent_at)',
    toRow: (value) => BigInt(value),
    fromRow: Number,
  },
  ...(['recipient', 'label', 'campaign', 'metadata', 'request'] as const).map(textColumn),
];
const NAMES = 'mode, sent_at, recipient, label, campaign, metadata, request, said';
/** What {@link toPixel} reads behind the time of minting. */
export const READ = `${COLUMNS.map(({ read }) => read).join(', ')}, said`;

export const PIXEL = `SELECT epoch_us(created_at), ${READ} FROM pixels
  WHERE code = $1 AND created_at IS NOT NULL`;
const PIXELS_NAMED = `SELECT code, epoch_us(created_at), ${READ} FROM pixels
  WHERE created_at IS NOT NULL AND code IN (SELECT unnest($1))`;
export const MODES_SET = 'SELECT code, mode FROM pixels WHERE mode IS NOT NULL';
const SENT_TIMES = `SELECT code, epoch_us(sent_at) FROM pixels
  WHERE sent_at IS NOT NULL AND code IN (SELECT unnest($1))`;
const NAMED = `SELECT code, label, campaign FROM pixels
  WHERE (label IS NOT NULL OR campaign IS NOT NULL) AND code IN (SELECT unnest($1))`;
export const PIXELS_OF = 'SELECT code FROM pixels WHERE recipient = $1 ORDER BY code';

const INSERT_MINTED = `INSERT INTO pixels (code, created_at)
  SELECT unnest($codes), make_timestamp(unnest($times))
  ON CONFLICT (code) DO UPDATE SET created_at = least(created_at, excluded.created_at)`;
const WORDS = `SELECT code, ${READ} FROM pixels
  WHERE said IS NOT NULL AND code IN (SELECT unnest($codes))`;
const INSERT_WORDS = `INSERT INTO pixels (code, ${NAMES})
  SELECT unnest($codes), ${COLUMNS.map(({ property, write }) => write(`unnest($${property})`)).join(', ')},
    unnest($said)
  ON CONFLICT (code) DO UPDATE SET ${NAMES.split(', ')
    .map((name) => `${name} = excluded.${name}`)
    .join(', ')}`;

/** See Store.sentTimes. */
export async function readSentTimes(
  reader: Reader,
  codes: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const statement = await reader.statement(SENT_TIMES);
  statement.bindList(1, codes, LIST(VARCHAR));
  const rows = (await statement.runAndReadAll()).getRows();
  return new Map(rows.map(([code, at]) => [String(code), Number(at)]));
}

/** See Store.names. */
export async function readNames(
  reader: Reader,
  codes: readonly string[],
): Promise<ReadonlyMap<string, PixelNames>> {
  const statement = await reader.statement(NAMED);
  statement.bindList(1, codes, LIST(VARCHAR));
  const rows = (await statement.runAndReadAll()).getRows() as (string | null)[][];
  return new Map(
    rows.map(([code, label = null, campaign = null]) => [String(code), { label, campaign }]),
  );
}

/** See Store.pixelsByCode. */
export async function readPixels(
  reader: Reader,
  codes: readonly string[],
): Promise<ReadonlyMap<string, Pixel>> {
  const statement = await reader.statement(PIXELS_NAMED);
  statement.bindList(1, codes, LIST(VARCHAR));
  const rows = (await statement.runAndReadAll()).getRows();
  return new Map(rows.map(([code, ...row]) => [String(code), toPixel(String(code), row)]));
}

/** The row of {@link PIXEL}. */
export function toPixel(code: string, [createdAt, ...row]: readonly DuckDBValue[]): Pixel {
  return { code, createdAt: Number(createdAt), properties: propertiesOf(toWords(row)) };
}

/** Rows of {@link MODES_SET}. */
export function toModes(rows: readonly DuckDBValue[][]): ReadonlyMap<string, PixelMode> {
  const modes = new Map<string, PixelMode>();
  for (const [code, number] of rows) {
    const mode = MODES.get(number as number);
    if (mode !== undefined) modes.set(code as string, mode);
  }
  return modes;
}

/** Keeps what the notes say about pixels, within the connection's transaction. */
export async function keepPixels(
  connection: DuckDBConnection,
  notes: readonly Recorded<Note>[],
): Promise<void> {
  await insertMinted(connection, notes);
  const news = wordsIn(notes);
  if (news.size === 0) return;
  const codes = listValue([...news.keys()]);
  const known = await connection.runAndReadAll(WORDS, { codes }, { codes: LIST(VARCHAR) });
  const merged = new Map(news);
  for (const [code, ...row] of known.getRows()) {
    const words = news.get(code as string) ?? new Map();
    merged.set(code as string, mergeWords(toWords(row), words));
  }
  await insertWords(connection, merged);
}

/** A pixel that was minted twice keeps its earlier time, in whichever order the two arrive. */
async function insertMinted(
  connection: DuckDBConnection,
  notes: readonly Recorded<Note>[],
): Promise<void> {
  const minted = new Map<string, bigint>();
  for (const { event } of notes) {
    if (event.kind !== 'pixel-minted') continue;
    const at = BigInt(event.at);
    const earlier = minted.get(event.code);
    if (earlier === undefined || at < earlier) minted.set(event.code, at);
  }
  if (minted.size === 0) return;
  await connection.run(
    INSERT_MINTED,
    { codes: listValue([...minted.keys()]), times: listValue([...minted.values()]) },
    { codes: LIST(VARCHAR), times: LIST(BIGINT) },
  );
}

async function insertWords(
  connection: DuckDBConnection,
  pixels: ReadonlyMap<string, Words>,
): Promise<void> {
  const all = [...pixels.values()];
  const parameters: Record<string, DuckDBValue> = {
    codes: listValue([...pixels.keys()]),
    said: listValue(all.map(formatSaid)),
  };
  const types: Record<string, DuckDBType> = { codes: LIST(VARCHAR), said: LIST(VARCHAR) };
  for (const { property, type, toRow } of COLUMNS) {
    const values = all.map((words) => words.get(property)?.value ?? null);
    parameters[property] = listValue(values.map((value) => (value === null ? null : toRow(value))));
    types[property] = LIST(type);
  }
  await connection.run(INSERT_WORDS, parameters, types);
}

function formatSaid(words: Words): string {
  const lines = new Map<string, Property[]>();
  for (const [property, { at, id }] of words) {
    const line = `${at} ${formatEventId(id)}`;
    lines.set(line, [...(lines.get(line) ?? []), property]);
  }
  return [...lines].map(([line, properties]) => `${line} ${properties.join(',')}`).join('\n');
}

/** The columns' values and `said`. */
function toWords(row: readonly DuckDBValue[]): Words {
  const said = (row[COLUMNS.length] ?? '') as string;
  const words = new Map<Property, Word>();
  for (const line of said.split('\n')) {
    const [at, idText = '', properties = ''] = line.split(' ');
    const id = parseEventId(idText);
    if (id === null) continue;
    for (const [index, { property, fromRow }] of COLUMNS.entries()) {
      if (!properties.split(',').includes(property)) continue;
      const value = row[index] ?? null;
      words.set(property, { at: Number(at), id, value: value === null ? null : fromRow(value) });
    }
  }
  return words;
}
