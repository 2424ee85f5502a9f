// One client on one connection: it sends its bytes in pieces, with or without pauses, reads what comes, and
// ends politely, early or with a reset. Each has an address of its own, so that hits can be told apart by
// it even where nothing in the bytes can be trusted to arrive.

import { connect } from 'node:net';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import type { Chance } from '../torture/random.ts';
import { readReplies } from './replies.ts';

/** A conversation that takes longer hangs. */
const CONVERSATION_MS_MAX = 20_000;
const HEARD_MS_MAX = 2_000;

export interface Conduct {
  readonly pieces: readonly Buffer[];
  /**
   * Milliseconds between two pieces; 0 is a turn of the event loop, null nothing at all. `heard`: until
   * something comes, or for HEARD_MS_MAX if nothing does.
   */
  readonly pauses: readonly (number | 'heard' | null)[];
  /** `early`: ends its side behind the last byte; `late`: when `isWhole` says that all has come. */
  readonly end: 'early' | 'late' | 'reset';
  /** Does not read for so long at the beginning. */
  readonly deafMs: number;
  /** Sent first, and its whole reply awaited, which is not part of what is heard. */
  readonly prelude?: string;
}

export interface Heard {
  readonly received: Buffer;
  /** What went wrong, if anything did. */
  readonly failure: 'hangs' | null;
}

let addresses = 0;

/** A loopback address that no client had before. */
export function nextAddress(): string {
  const n = ++addresses;
  return `127.${1 + (n >> 16)}.${(n >> 8) & 0xff}.${n & 0xff}`;
}

export async function converse(
  port: number,
  localAddress: string,
  conduct: Conduct,
  isWhole: (received: Buffer) => boolean,
): Promise<Heard> {
  const { pieces, pauses, end, deafMs, prelude } = conduct;
  const socket = connect({ port, host: '127.0.0.1', localAddress, allowHalfOpen: true });
  socket.setNoDelay(true);
  const chunks: Buffer[] = [];
  let onNews = (): void => undefined;
  const listen = (): void => {
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      onNews();
    });
  };
  socket.on('error', () => undefined);
  // Nobody reads before the listener is there.
  if (deafMs === 0) listen();
  else setTimeout(listen, deafMs);
  const closed = new Promise<'closed'>((resolve) => {
    socket.on('end', () => {
      socket.end();
      onNews();
    });
    socket.on('close', () => resolve('closed'));
  });
  if (prelude !== undefined) {
    socket.write(prelude);
    while (
      !socket.destroyed &&
      readReplies(Buffer.concat(chunks), () => false).replies.length === 0
    ) {
      await turn();
    }
    chunks.length = 0;
  }
  for (const [i, piece] of pieces.entries()) {
    if (socket.destroyed || socket.writableEnded) break;
    const heard = chunks.length;
    socket.write(piece);
    await pauseFor(pauses[i] ?? null, () => chunks.length > heard || socket.destroyed);
  }
  if (end === 'reset') socket.resetAndDestroy();
  else if (end === 'early') socket.end();
  else {
    onNews = () => {
      if (socket.writableEnded || isWhole(Buffer.concat(chunks))) socket.end();
    };
    onNews();
  }
  const outcome = await Promise.race([
    closed,
    sleep(CONVERSATION_MS_MAX, 'hangs' as const, UNREFED),
  ]);
  socket.destroy();
  return { received: Buffer.concat(chunks), failure: outcome === 'hangs' ? 'hangs' : null };
}

const UNREFED = { ref: false };

async function pauseFor(pause: number | 'heard' | null, isHeard: () => boolean): Promise<void> {
  if (pause === null) return;
  if (pause !== 'heard') await (pause === 0 ? turn() : sleep(pause));
  else for (let ms = 0; ms < HEARD_MS_MAX && !isHeard(); ms++) await sleep(1);
}

/** Some way to send `bytes`, from `wholeFrom` on in one piece; how it ends is the caller's to say. */
export function drawConduct(
  chance: Chance,
  bytes: Buffer,
  end: Conduct['end'],
  wholeFrom = bytes.length,
): Conduct {
  const cuts = new Set<number>();
  const kind = chance.next();
  const many = kind < 0.4 ? 0 : kind < 0.9 ? chance.between(1, 6) : Math.min(60, wholeFrom);
  for (let i = 0; i < many; i++) cuts.add(chance.between(1, Math.max(1, wholeFrom - 1)));
  const places = [0, ...[...cuts].toSorted((a, b) => a - b), bytes.length];
  const pieces = places.slice(1).map((to, i) => bytes.subarray(places[i], to));
  const pauses = pieces.map(() => {
    const draw = chance.next();
    return draw < 0.4 ? null : draw < 0.8 ? 0 : chance.between(1, 3);
  });
  const deafMs = chance.next() < 0.1 ? chance.between(5, 30) : 0;
  return { pieces, pauses, end, deafMs };
}
