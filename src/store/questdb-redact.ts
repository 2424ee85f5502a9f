// Taking hits out of all answers. QuestDB cannot delete rows, only whole partitions: what is left of a
// redacted hit is its time and its id. An UPDATE writes new versions of the columns, and QuestDB removes the
// old ones once nobody reads them (docs/decisions, erasure).

import { shown } from './questdb-applied.ts';
import type { Connections } from './questdb-connection.ts';
import { codeDigest, digestParts } from './erased.ts';
import { keyOfCheck, textKey } from './questdb-lines.ts';
import { timeText } from './questdb-row.ts';
import { CLAIMS, ERASED, HITS, NOTES, PIXELS } from './questdb-tables.ts';

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

const codesOfKey = (table: string): string =>
  `SELECT DISTINCT code FROM ${table} WHERE code_key = $1`;

/** The pixel, what was said of it, and its hits. */
export async function redactPixel(connections: Connections, code: string): Promise<void> {
  const pixel = [textKey(code), code];
  // Redacting sees what was applied only.
  await shown(connections, [HITS, PIXELS, NOTES]);
  await connections.query(redactHits(OF_PIXEL), pixel);
  await connections.query(REDACT_PIXELS, pixel);
  await connections.query(REDACT_NOTES, pixel);
  await shown(connections, [HITS, PIXELS, NOTES, ERASED]);
}

/**
 * The same of a pixel of which no more than the digest is known: that is enough to find its code among
 * those of one bucket.
 */
export async function redactDigest(connections: Connections, digest: string): Promise<void> {
  const key = keyOfCheck(digestParts(digest).check);
  await shown(connections, [HITS, PIXELS, NOTES, ERASED]);
  const codes = new Set<string>();
  for (const table of [HITS, PIXELS, NOTES]) {
    for (const [code] of await connections.query(codesOfKey(table), [key])) codes.add(code ?? '');
  }
  for (const code of codes) {
    if (codeDigest(code) === digest) await redactPixel(connections, code);
  }
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
  await shown(connections, [HITS]);
  const rows = await connections.query(countHits(condition), parameters);
  const found = Number(rows[0]?.[0]);
  if (found > 0)
    await connections.query(redactHits(`kind != 'erased' AND ${condition}`), parameters);
  await shown(connections, [HITS, CLAIMS]);
  return found;
}
