// Taking hits out of all answers. QuestDB cannot delete rows, only whole partitions: what is left of a
// redacted hit is its time and its id. An UPDATE writes new versions of the columns, and QuestDB removes the
// old ones once nobody reads them (docs/decisions, erasure).

import { QUESTDB_REDACTED_DAYS } from '../limits.ts';
import { shown } from './questdb-applied.ts';
import type { Connections } from './questdb-connection.ts';
import { digestParts, ErasedCodes } from './erased.ts';
import { keyOfCheck, textKey } from './questdb-lines.ts';
import { places } from './questdb-query.ts';
import { timeText } from './questdb-row.ts';
import { CATALOGUE, CLAIMS, ERASED, HITS, NOTES, PIXELS } from './questdb-tables.ts';

const DAY_MICROS = 86_400_000_000;

const OF_PIXEL = 'code_key = $1 AND code = $2';

const NOTHING = `kind = 'erased', code_key = null, code = null, address = null, referrer = null,
  agent = null, purpose = null, class = null, reason = null, client = null, os = null, device = null,
  country = null, own = null, viewer = null, withheld = null, own_browser = false`;

const redactHits = (condition: string): string =>
  `UPDATE ${HITS} SET ${NOTHING} WHERE ${condition}`;
const countHits = (condition: string): string =>
  `SELECT count() FROM ${HITS} WHERE kind != 'erased' AND ${condition}`;

const REDACT_PIXELS = `UPDATE ${PIXELS} SET code_key = null, code = null WHERE ${OF_PIXEL}`;
const REDACT_NOTES = `UPDATE ${NOTES} SET code_key = null, code = null, said = null, recipient_key = null,
  mode = null, says_sent = false, sent_at = null WHERE ${OF_PIXEL}`;
const REDACT_CATALOGUE = `UPDATE ${CATALOGUE} SET code_key = null, code = null, superseded = true,
  notes = 0, mints = 0, mode = null, sent_at = null, recipient = null, label = null, campaign = null,
  said = null WHERE ${OF_PIXEL}`;

/** Where codes stand. */
const TABLES = [HITS, PIXELS, NOTES, CATALOGUE] as const;
const codesOfKeys = (table: string, count: number): string =>
  `SELECT DISTINCT code FROM ${table} WHERE code_key IN (${places(1, count)})`;

/**
 * The pixel, what was said of it, and its hits: those days by days, as QuestDB applies nothing else to a
 * table meanwhile (some 50 ms for each day's partition), and loads wait for that.
 */
export async function redactPixel(connections: Connections, code: string): Promise<void> {
  const pixel = [textKey(code), code];
  // Redacting sees what was applied only.
  await shown(connections, [PIXELS, NOTES, CATALOGUE]);
  await connections.query(REDACT_PIXELS, pixel);
  await connections.query(REDACT_NOTES, pixel);
  await connections.query(REDACT_CATALOGUE, pixel);
  await redactByDays(connections, OF_PIXEL, pixel);
  await shown(connections, [PIXELS, NOTES, CATALOGUE, ERASED]);
}

/** The codes that these digests are of, as far as any table still has them. */
export async function codesOf(
  connections: Connections,
  digests: readonly string[],
): Promise<ReadonlySet<string>> {
  const wanted = new ErasedCodes(digests);
  const keys = [...new Set(digests.map((digest) => keyOfCheck(digestParts(digest).check)))];
  await shown(connections, TABLES);
  const codes = new Set<string>();
  for (const table of TABLES) {
    for (const [code] of await connections.query(codesOfKeys(table, keys.length), keys)) {
      if (typeof code === 'string' && wanted.has(code)) codes.add(code);
    }
  }
  return codes;
}

/** How many hits there were. */
export async function redactAddress(connections: Connections, address: string): Promise<number> {
  // That is how the many are kept whose address is not.
  if (address === '') return 0;
  return await redactWhere(connections, 'address = $1', [address]);
}

/**
 * Whole days are dropped, which frees their room at once; of the day that `before` (microseconds) lies in,
 * the hits before it are redacted. How many hits there were.
 */
export async function expire(connections: Connections, before: number): Promise<number> {
  const day = timeText(before - (before % DAY_MICROS));
  await shown(connections, [HITS]);
  const rows = await connections.query(countHits('occurred_at < $1'), [day]);
  await connections.query(`ALTER TABLE ${HITS} DROP PARTITION WHERE occurred_at < '${day}'`);
  // A month of claims goes with its last hit.
  const month = `${timeText(before).slice(0, 7)}-01T00:00:00.000000Z`;
  await connections.query(`ALTER TABLE ${CLAIMS} DROP PARTITION WHERE hit_at < '${month}'`);
  const days = Number(rows[0]?.[0]);
  const condition = 'occurred_at >= $1 AND occurred_at < $2';
  return days + (await redactWhere(connections, condition, [day, timeText(before)]));
}

async function redactWhere(
  connections: Connections,
  condition: string,
  parameters: readonly string[],
): Promise<number> {
  const found = await redactByDays(connections, condition, parameters);
  await shown(connections, [CLAIMS]);
  return found;
}

/** A day's partition is written anew whole, however few of its hits are redacted. How many there were. */
async function redactByDays(
  connections: Connections,
  condition: string,
  parameters: readonly string[],
): Promise<number> {
  await shown(connections, [HITS]);
  const rows = await connections.query(DAYS_OF(condition), parameters);
  const days = rows.map(([day]) => Number(day)).toSorted((a, b) => a - b);
  const next = parameters.length + 1;
  const within = `occurred_at BETWEEN $${next} AND $${next + 1}`;
  const redact = redactHits(`kind != 'erased' AND ${condition} AND ${within}`);
  for (let from = 0; from < days.length; from += QUESTDB_REDACTED_DAYS) {
    const part = days.slice(from, from + QUESTDB_REDACTED_DAYS);
    const [first = 0, last = 0] = [part[0], part.at(-1)];
    const bounds = [timeText(first), timeText(last + DAY_MICROS - 1)];
    await connections.query(redact, [...parameters, ...bounds]);
    await shown(connections, [HITS]);
  }
  return rows.reduce((sum, [, hits]) => sum + Number(hits), 0);
}

/** The days that have such hits, in microseconds, and how many. */
const DAYS_OF = (condition: string): string =>
  `SELECT cast(timestamp_floor('d', occurred_at) AS long) AS day, count() FROM ${HITS}
    WHERE kind != 'erased' AND ${condition} GROUP BY day`;
