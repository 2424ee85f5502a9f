// A body of any length, made piece by piece as its client takes it: nothing is made ahead of a slow client
// but the piece in hand, one that takes nothing any more is let go, and so is all once a client has gone.

import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';

/** What waits for the client on this side of the socket. */
const AHEAD_BYTES = 64 * 1024;

type Piece = string | Uint8Array;

/**
 * The body of `reply`. When making it fails, the connection is broken, so that nobody takes what is there for
 * the whole; `ended` is called once, whichever way it ends, when nothing is made any more.
 */
export function outflow(
  reply: FastifyReply,
  pieces: AsyncGenerator<Piece, void>,
  { stallMsMax, ended }: { readonly stallMsMax: number; readonly ended: () => void },
): Readable {
  const body = Readable.from(watched(pieces, stallMsMax, stalled), {
    objectMode: false,
    highWaterMark: AHEAD_BYTES,
  });
  function stalled(): void {
    body.destroy(new Error(`the client takes nothing for ${stallMsMax} ms`));
  }
  body.once('error', () => breakOff(reply));
  body.once('close', ended);
  return body;
}

/** Calls `stalled` when the next piece is not asked for in time. */
async function* watched(
  pieces: AsyncGenerator<Piece, void>,
  stallMsMax: number,
  stalled: () => void,
): AsyncGenerator<Piece, void> {
  for await (const piece of pieces) {
    if (piece.length === 0) continue;
    const timer = setTimeout(stalled, stallMsMax);
    try {
      yield piece;
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * A reset rather than an end: to a client of HTTP/1.0 (nginx asks in that way where it is not told otherwise)
 * the end of the connection is the end of the body.
 */
function breakOff({ raw }: FastifyReply): void {
  const { socket } = raw;
  // A unix socket cannot be reset; who asks there asks for chunks, whose end is missing then.
  if (socket !== null && socket.remoteAddress !== undefined) socket.resetAndDestroy();
  else socket?.destroy();
}
