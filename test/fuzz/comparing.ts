// The comparison itself: what the fast lane's reader takes of some bytes, and whether Node's lane reads the
// same. Two answers out of one connection are compared whole: which image requests there were, with
// everything that a hit is made of, and every byte of the replies, so that an end seen at another place, a
// body, a 100 or a different idea of keep-alive shows.

import { NOT_OURS, readHead } from '../../src/collector/head.ts';
import { type ImageFormat, ImageReplies } from '../../src/collector/image.ts';
import { PixelRequest } from '../../src/collector/request.ts';
import { REQUEST_HEAD_BYTES_MAX } from '../../src/limits.ts';
import { meaningOf, readByNode, undated } from './node-reading.ts';

export type HeadReader = typeof readHead;

/** A request that the fast lane takes. */
export interface Taken {
  readonly head: Buffer;
  readonly meaning: string;
  readonly format: ImageFormat;
  readonly keepAlive: boolean;
}

/** What the fast lane does with bytes that come in one piece. */
export interface LaneReading {
  readonly taken: readonly Taken[];
  /** Whether the rest goes to Node's lane. */
  readonly handsOver: boolean;
}

const into = new PixelRequest();

export function readByLane(bytes: Buffer, read: HeadReader = readHead): LaneReading {
  const taken: Taken[] = [];
  let from = 0;
  do {
    const end = read(bytes, from, into);
    if (end === NOT_OURS) return { taken, handsOver: true };
    const { format, keepAlive } = into;
    taken.push({ head: bytes.subarray(from, end), meaning: meaningOf(into), format, keepAlive });
    from = end;
    // Nobody looks at what comes behind `close`.
    if (!keepAlive) break;
  } while (from < bytes.length);
  return { taken, handsOver: false };
}

const [LAST] = readByLane(
  Buffer.from('GET /image/the-end.png HTTP/1.1\r\nHost: end\r\nConnection: close\r\n\r\n'),
).taken as [Taken];

/**
 * Sends `taken`, of which only the last may end the connection, to Node's lane as one stream, and one more
 * request behind them that shows where the last one ended. Null: it reads the same; else the difference.
 */
export async function compare(taken: readonly Taken[]): Promise<string | null> {
  const requests = taken.at(-1)?.keepAlive === false ? taken : [...taken, LAST];
  const { meanings, written } = await readByNode(Buffer.concat(requests.map(({ head }) => head)));
  for (const [i, { meaning }] of requests.entries()) {
    if (meanings[i] === meaning) continue;
    return `the lane reads\n${meaning}\nNode reads\n${meanings[i] ?? 'nothing'}\nand says\n${written}`;
  }
  if (meanings.length > requests.length) return `Node reads one more:\n${meanings.at(-1)}`;
  const replies = repliesTo(requests);
  return written === replies ? null : `the lane says\n${replies}\nNode says\n${written}`;
}

function repliesTo(requests: readonly Taken[]): string {
  return requests.map(({ format, keepAlive }) => REPLIES[`${format} ${keepAlive}`]).join('');
}

const images = new ImageReplies(new Date());
const REPLIES: Readonly<Record<string, string>> = Object.fromEntries(
  (['gif', 'png'] as const).flatMap((format) =>
    [true, false].map((keepAlive) => [
      `${format} ${keepAlive}`,
      undated(images.of(format, 200, keepAlive).toString('latin1')),
    ]),
  ),
);

/**
 * The reader's answer must not depend on what stands around the head, on what it read before, or on how the
 * socket cut the bytes. Null when all is well. `before`, `behind` and `cut` are a test's free choice.
 */
export function placeMatters(
  head: Buffer,
  before: Buffer,
  behind: Buffer,
  cut: number,
  read: HeadReader = readHead,
): string | null {
  const fresh = new PixelRequest();
  const end = read(head, 0, fresh);
  const between = read(Buffer.concat([before, head, behind]), before.length, into);
  if (end === NOT_OURS) return null;
  if (end > REQUEST_HEAD_BYTES_MAX) return `is longer than a head may be: ${end} bytes`;
  if (between !== before.length + end)
    return `ends at ${end}, but between other bytes at ${between}`;
  if (meaningOf(fresh) !== meaningOf(into)) return `means something else between other bytes`;
  if (fresh.keepAlive !== into.keepAlive) return 'keeps the connection by what stands around it';
  const short = Math.min(cut, end - 1);
  if (read(head.subarray(0, short), 0, into) === NOT_OURS) return null;
  return `is taken already when only ${short} of its ${end} bytes are there`;
}

/** All checks on some bytes. Null: the lane and Node agree on them. */
export async function disagreement(
  bytes: Buffer,
  read: HeadReader = readHead,
): Promise<string | null> {
  const { taken } = readByLane(bytes, read);
  for (const { head } of taken) {
    for (let cut = 0; cut < head.length; cut += Math.ceil(head.length / CUTS_MAX)) {
      const found = placeMatters(head, JUNK, JUNK, cut, read);
      if (found !== null) return found;
    }
  }
  return taken.length === 0 ? null : compare(taken);
}

/** All cuts of usual heads, some of the longest. */
const CUTS_MAX = 512;
const JUNK = Buffer.from('\r\n\0: GET /', 'latin1');
