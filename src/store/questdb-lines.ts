// Events as lines of InfluxDB's line protocol (ILP), which QuestDB reads:
//
//   table,symbol=value,… column=value,… time
//
// Text stands in double quotes with backslashes before `"`, `\`, CR and LF; a whole number ends with `i`; the
// time is in nanoseconds; a column that is left out is null. The official client has an encoder of its own,
// which writes character by character and takes five times as long as this one (docs/decisions); it still
// does the sending.

import { crc32 } from 'node:zlib';
import type { Hit, PixelMinted, Recorded } from '../hit/event.ts';
import { HITS, PIXELS, PROGRESS, STARTS } from './questdb-schema.ts';

/** Buckets of an index over codes that stays small however many codes there are; see questdb-schema.ts. */
const CODE_KEYS = 4096;

/** The bucket of a code. */
export function codeKey(code: string): string {
  return (crc32(code) % CODE_KEYS).toString(16);
}

export function hitLines(hits: readonly Recorded<Hit>[]): Buffer {
  return Buffer.from(hits.map(hitLine).join(''));
}

function hitLine({ id, event }: Recorded<Hit>): string {
  const { code, referrer, agent, purpose } = event;
  const key = code === null ? '' : `,code_key=${codeKey(code)}`;
  return (
    `${HITS},kind=${event.kind},writer=${id.writer}${key} ` +
    `segment=${id.segment}i,position=${id.position}i,address=${quoted(event.address)}` +
    `${column('code', code)}${column('referrer', referrer)}${column('agent', agent)}` +
    `${column('purpose', purpose)} ${nanoseconds(event.at)}\n`
  );
}

export function pixelLines(pixels: readonly Recorded<PixelMinted>[]): Buffer {
  const line = ({ code, at }: PixelMinted): string =>
    `${PIXELS},code_key=${codeKey(code)} code=${quoted(code)} ${nanoseconds(at)}\n`;
  return Buffer.from(pixels.map(({ event }) => line(event)).join(''));
}

export interface ProgressRow {
  readonly installation: string;
  /** Larger than that of every row before. */
  readonly turn: number;
  /** The row's place in the ring, as a time: it takes the place of the row that stood there. */
  readonly place: number;
  readonly text: string;
}

export function progressLine({ installation, turn, place, text }: ProgressRow): Buffer {
  const columns = `turn=${turn}i,text=${quoted(text)}`;
  return Buffer.from(`${PROGRESS},installation=${installation} ${columns} ${nanoseconds(place)}\n`);
}

export interface StartRow {
  readonly installation: string;
  readonly schema: number;
  readonly nonce: string;
  /** Microseconds. */
  readonly at: number;
}

export function startLine({ installation, schema, nonce, at }: StartRow): Buffer {
  const columns = `schema=${schema}i,nonce=${quoted(nonce)}`;
  return Buffer.from(`${STARTS},installation=${installation} ${columns} ${nanoseconds(at)}\n`);
}

const column = (name: string, text: string | null): string =>
  text === null ? '' : `,${name}=${quoted(text)}`;

function quoted(text: string): string {
  // Nearly no text needs it, and looking costs half as much as replacing.
  return SPECIAL.test(text) ? `"${text.replaceAll(/["\\\r\n]/g, '\\$&')}"` : `"${text}"`;
}

const SPECIAL = /["\\\r\n]/;

/** In decimal, as the number itself would be past what a double holds exactly. */
const nanoseconds = (micros: number): string => `${micros}000`;
