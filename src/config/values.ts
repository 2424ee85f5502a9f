// How the text of an option becomes its value: one zod schema per form of value. Each takes text only,
// since environment and flags have nothing else; what exactly is wrong is said by the table's `expected`.

import { isIP } from 'node:net';
import { resolve } from 'node:path';

import ipaddr from 'ipaddr.js';
import { z } from 'zod';

const UNITS = ['', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
const SIZE = /^(\d+)\s*(?:([KMGT])(?:i?B)?|B)?$/i;
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i;

/** A whole number in plain decimal digits: no sign, fraction, exponent or hexadecimal. */
export function whole(min: number, max: number): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d{1,16}$/)
    .transform(Number)
    .pipe(z.number().int().min(min).max(max));
}

export const port = whole(0, 65_535);

export const host = z.string().refine((text) => isIP(text) !== 0 || HOST_NAME.test(text));

/** A path, made absolute from the working folder. */
export const path = z
  .string()
  .refine((text) => text !== '' && !text.includes('\0'))
  .transform((text) => resolve(text));

/** `off` is null, everything else is read by `schema`. */
export function orOff<T>(schema: z.ZodType<T, string>): z.ZodType<T | null, string> {
  return z.union([z.literal('off').transform(() => null), schema]);
}

/** `shipped` stands for the file that comes with the program. */
export const pathOrShipped = z.union([z.literal('shipped'), path]);

export const token = z.string().regex(/^[\x21-\x7e]{16,512}$/);
export const secret = z.string().regex(/^[\x21-\x7e]{32,512}$/);

/** An absolute http(s) URL; slashes at its end are taken off, so that a path can simply follow it. */
export const baseUrl = z.string().transform((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  const usable =
    url !== null &&
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    !/[?#\s]/.test(text) &&
    url.username === '' &&
    url.password === '';
  if (usable) return url.href.replace(/\/+$/, '');
  context.addIssue('not a usable URL');
  return z.NEVER;
});

const TOPIC_ARN = /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d*:[A-Za-z0-9_-]{1,256}$/;
const QUEUE_ARN = /^arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d*:[A-Za-z0-9_-]{1,80}$/;
const QUEUE_NAME = /^[A-Za-z0-9_-]{1,80}$/;

/** Not FIFO: order is worth nothing to events that carry their time, and costs most of the rate. */
export const topicArn = z.string().regex(TOPIC_ARN);

export const queue = z
  .string()
  .refine((text) => QUEUE_ARN.test(text) || QUEUE_NAME.test(text) || isQueueUrl(text));

function isQueueUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, pathname } = new URL(text);
  const name = pathname.split('/').at(-1) ?? '';
  return (protocol === 'http:' || protocol === 'https:') && QUEUE_NAME.test(name);
}
/**
 * A PostgreSQL URL, kept as it is written: host at least; user, password, database and parameters if
 * given.
 */
export const postgresUrl = z.string().refine((text) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url !== null && /^postgres(ql)?:$/.test(url.protocol) && url.hostname !== '';
});

/** An http(s) URL of a server as a whole; user and password may stand in it. */
export const httpOrigin = z.string().refine((text) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  return (
    url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && !/[?#\s]/.test(text)
  );
});

/** Origins as browsers send them (`https://app.example`, without a path), separated by commas. */
export const origins = z.string().transform((text, context): readonly string[] => {
  if (text.trim() === '' || text.trim() === 'none') return [];
  const entries = text.split(',').map((entry) => entry.trim().toLowerCase());
  const areOrigins = entries.every(
    (entry) => /^https?:/.test(entry) && URL.canParse(entry) && new URL(entry).origin === entry,
  );
  if (areOrigins) return [...new Set(entries)];
  context.addIssue('not all origins');
  return z.NEVER;
});

/** Addresses and networks separated by commas, each made a network: `10.0.0.1` → `10.0.0.1/32`. */
export const networks = z.string().transform((text, context): readonly string[] => {
  if (text.trim() === '' || text.trim() === 'none') return [];
  const entries = text.split(',').map((entry) => entry.trim());
  if (!entries.every((entry) => isIP(entry) !== 0 || isNetwork(entry))) {
    context.addIssue('not all networks');
    return z.NEVER;
  }
  return entries.map((entry) =>
    entry.includes('/') ? entry : `${entry}/${isIP(entry) === 6 ? 128 : 32}`,
  );
});

function isNetwork(text: string): boolean {
  // ipaddr.js also takes `10.1/16` and octal parts, which mean different things to different readers.
  return isIP(text.split('/')[0] ?? '') !== 0 && ipaddr.isValidCIDR(text);
}

/** A size such as `64MiB`, `64M` or `67108864`; units are powers of 1024 whether written MiB, MB or M. */
export function bytes(min: string, max: string): z.ZodType<number, string> {
  return z
    .string()
    .transform(parseBytes)
    .pipe(z.number().int().min(parseBytes(min)).max(parseBytes(max)));
}

function parseBytes(text: string): number {
  const match = SIZE.exec(text.trim());
  if (match === null) return NaN;
  return Number(match[1]) * 1024 ** Math.max(0, ' KMGT'.indexOf((match[2] ?? ' ').toUpperCase()));
}

/** `67108864` → `64MiB`: the largest unit that divides it, so that nothing is rounded. */
export function formatBytes(count: number): string {
  let unit = 0;
  let rest = count;
  while (rest > 0 && rest % 1024 === 0 && unit < UNITS.length - 1) {
    rest /= 1024;
    unit += 1;
  }
  return `${rest}${UNITS[unit] ?? ''}`;
}
