// Events as lines of InfluxDB's line protocol (ILP), which QuestDB reads:
//
//   table,symbol=value,… column=value,… time
//
// Text stands in double quotes with backslashes before `"`, `\`, CR and LF, a symbol has them before spaces,
// commas and `=` instead of quotes; a whole number ends with `i`, microseconds with `t`; the time is in
// nanoseconds; a column that is left out is null. The official client has an encoder of its own,
// which writes character by character and takes five times as long as this one (docs/decisions); it still
// does the sending.

import { crc32 } from 'node:zlib';
import {
  formatEventId,
  type HitClaimed,
  type JudgedHit,
  type PixelChanged,
  type PixelMinted,
  type Recorded,
} from '../hit/event.ts';
import { formatWithheld, noteText } from '../hit/fields.ts';
import type { Judgement } from '../hit/verdict.ts';
import { CLAIMS, HITS, NOTES, PIXELS, PROGRESS } from './questdb-tables.ts';
import { isJudged, rowTime, viewerNumber } from './questdb-row.ts';

/** A note that says something of a pixel. */
export type PixelNote = PixelMinted | PixelChanged;

/** Stands for a mode that was taken back. */
export const DEFAULT_MODE = 'default';

/** Buckets of an index over texts that stays small however many there are; see questdb-tables.ts. */
const TEXT_KEYS = 4096;

/** The bucket of a code or another text. */
export function textKey(text: string): string {
  return keyOfCheck(crc32(text));
}

/** The bucket of a text by its CRC-32. */
export function keyOfCheck(check: number): string {
  return (check % TEXT_KEYS).toString(16);
}

export function hitLines(hits: readonly JudgedHit[]): Buffer {
  return Buffer.from(hits.map(hitLine).join(''));
}

function hitLine({ id, event, judgement }: JudgedHit): string {
  const { code, referrer, agent, purpose, withheld } = event;
  const key = code === null ? '' : `,code_key=${textKey(code)}`;
  return (
    `${HITS},kind=${event.kind},writer=${id.writer}${key}${judgementSymbols(judgement)} ` +
    `segment=${id.segment}i,position=${id.position}i,address=${quoted(event.address)}` +
    `${column('code', code)}${column('referrer', referrer)}${column('agent', agent)}` +
    `${column('purpose', purpose)}${viewerColumn(judgement)}` +
    (withheld === undefined ? '' : column('withheld', formatWithheld(withheld))) +
    `${event.ownBrowser ? ',own_browser=t' : ''} ${nanoseconds(event.at)}\n`
  );
}

/** A hit that nobody judged has none. */
function judgementSymbols(judgement: Judgement): string {
  const { verdict, own } = judgement;
  const signs = symbol('own', own);
  if (!isJudged(judgement)) return signs;
  const { class: verdictClass, reason, client, os, device, country } = verdict;
  return (
    `,class=${verdictClass},reason=${reason}${symbol('client', client)}${symbol('os', os)}` +
    `${symbol('device', device)}${symbol('country', country)}${signs}`
  );
}

function viewerColumn(judgement: Judgement): string {
  const viewer = isJudged(judgement) ? viewerNumber(judgement.viewer) : null;
  return viewer === null ? '' : `,viewer=${viewer}i`;
}

/** Of each minted pixel its code and its time. */
export function pixelLines(notes: readonly Recorded<PixelNote>[]): Buffer {
  const line = ({ code, at }: PixelNote): string =>
    `${PIXELS},code_key=${textKey(code)} code=${quoted(code)} ${nanoseconds(at)}\n`;
  return Buffer.from(notes.map(({ event }) => line(event)).join(''));
}

export function noteLines(notes: readonly Recorded<PixelNote>[]): Buffer {
  return Buffer.from(notes.map(noteLine).join(''));
}

function noteLine({ id, event }: Recorded<PixelNote>): string {
  const { code, at, properties } = event;
  const { recipient, mode, sentAt } = properties ?? {};
  const recipientKey = recipient ? `,recipient_key=${textKey(recipient)}` : '';
  const modeSymbol = mode === undefined ? '' : `,mode=${mode ?? DEFAULT_MODE}`;
  const sent = sentAt === undefined ? 'f' : 't';
  return (
    `${NOTES},code_key=${textKey(code)},writer=${id.writer}${recipientKey}${modeSymbol} ` +
    `segment=${id.segment}i,position=${id.position}i,code=${quoted(code)}` +
    `,said=${quoted(noteText(event))},says_sent=${sent}` +
    `${typeof sentAt === 'number' ? `,sent_at=${rowTime(sentAt)}t` : ''} ${nanoseconds(at)}\n`
  );
}

export function claimLines(claims: readonly Recorded<HitClaimed>[]): Buffer {
  const line = ({ id, event }: Recorded<HitClaimed>): string =>
    `${CLAIMS},writer=${id.writer} segment=${id.segment}i,position=${id.position}i` +
    `,hit=${quoted(formatEventId(event.hit))},own=${event.own ? 't' : 'f'}` +
    `,claimed_at=${rowTime(event.at)}t ${nanoseconds(event.hitAt)}\n`;
  return Buffer.from(claims.map(line).join(''));
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

export const column = (name: string, text: string | null): string =>
  text === null ? '' : `,${name}=${quoted(text)}`;

/** Nothing for an empty text, which a symbol cannot hold. */
export const symbol = (name: string, text: string | null): string =>
  text ? `,${name}=${text.replaceAll(/[\\ ,=\r\n]/g, '\\$&')}` : '';

export function quoted(text: string): string {
  // Nearly no text needs it, and looking costs half as much as replacing.
  return SPECIAL.test(text) ? `"${text.replaceAll(/["\\\r\n]/g, '\\$&')}"` : `"${text}"`;
}

const SPECIAL = /["\\\r\n]/;

/** In decimal, as the number itself would be past what a double holds exactly. */
export const nanoseconds = (micros: number): string => `${rowTime(micros)}000`;
