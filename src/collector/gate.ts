// What stands between a connection's socket and Node's http server: it lets one request through at a time.
// Node's server would parse and begin to answer all that has come, some two thousand requests of a chunk in
// one go, each a few kilobytes of objects: that starves the neighbours and has no bound worth the name.
//
// The gate does not parse. A head ends with an empty line, and so does a body in chunks; of any other body
// the length is known. So bytes are passed on in pieces of which none goes beyond the end of a request:
// while one waits for its reply to be sent, nothing behind it is passed on (what is wrong there must not
// cost it the reply), and what comes next waits for its turn of the event loop. What came meanwhile is one
// chunk here and one in the socket.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { GATE_PIECE_BYTES_MAX, LINGER_MS_MAX, SOCKET_BUFFER_BYTES } from '../limits.ts';
import type { Peer } from './client-address.ts';

type Done = (error?: Error | null) => void;

const EMPTY_LINE = Buffer.from('\r\n\r\n', 'latin1');
/** So many of its bytes may stand in one piece and the rest in the next. */
const ALMOST = EMPTY_LINE.length - 1;

export class Gate extends Duplex {
  readonly peer: Peer;
  readonly #socket: Socket;
  /** What came and was not passed on. */
  #stash: Buffer | null;
  /** The client will send nothing more; it may still read. */
  #clientEnded: boolean;
  /** The parser has asked for more. */
  #isAsked = false;
  /** Requests whose reply has not been sent; the newest one may still lack some of its body. */
  #owed = 0;
  #newest: IncomingMessage | null = null;
  #reply: ServerResponse | null = null;
  /** How many bytes of its body have not been passed on; 0 also of one in chunks. */
  #bodyLeft = 0;
  /** The last bytes that were passed on: an empty line may have begun in them. */
  #passed: Buffer = Buffer.alloc(0);
  #timer: NodeJS.Timeout | null = null;

  /** `bytes` have been read from `socket` and not understood; `clientEnded`: no more will come. */
  constructor(socket: Socket, peer: Peer, bytes: Buffer, clientEnded: boolean) {
    // No reading ahead: a piece is for the parser at once.
    super({ readableHighWaterMark: 0, writableHighWaterMark: SOCKET_BUFFER_BYTES });
    this.peer = peer;
    this.#socket = socket;
    this.#stash = bytes;
    this.#clientEnded = clientEnded;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('timeout', () => this.emit('timeout'));
    // An error says that the client has gone; 'close' follows.
    socket.on('error', () => undefined);
    socket.on('close', () => this.destroy());
    if (clientEnded) this.#doubt(socket.bytesWritten);
  }

  /** Node's server has read a request; nothing more is let through until `response` is sent. */
  hold(message: IncomingMessage, response: ServerResponse): void {
    this.#owed++;
    this.#newest = message;
    this.#reply = response;
    this.#bodyLeft = Number(message.headers['content-length'] ?? 0);
    response.on('close', () => {
      this.#owed--;
      // Not at once: the neighbours come first.
      if (this.#owed === 0) setImmediate(this.#pass);
    });
  }

  /** What came is no request, or goes wrong in its body: `reply` says so, and nothing follows. */
  refuse(reply: string): void {
    const inHand = this.#newest?.complete === false ? this.#reply : null;
    // One answer to one request.
    if (this.writable && inHand?.headersSent !== true) this.write(reply);
    // Half an answer is broken off, so that nobody takes it for whole.
    if (inHand?.headersSent === true && !inHand.writableEnded) this.destroy();
    else this.destroySoon();
  }

  readonly #onData = (bytes: Buffer): void => {
    // After our end, what still comes is ignored until the client ends too.
    if (this.writableEnded) return;
    this.#stash = this.#stash === null ? bytes : Buffer.concat([this.#stash, bytes]);
    this.#pass();
    if (this.#stash !== null) this.#socket.pause();
  };

  readonly #onEnd = (): void => {
    this.#clientEnded = true;
    this.#pass();
    if (this.writableEnded) this.destroy();
    else this.#doubt(this.#socket.bytesWritten);
  };

  readonly #pass = (): void => {
    if (!this.#isAsked || this.destroyed || this.writableEnded) return;
    if (this.#owed > 0 && this.#newest?.complete === true) return;
    const stash = this.#stash;
    if (stash !== null) {
      const piece = stash.subarray(0, this.#pieceEnd(stash));
      this.#stash = piece.length === stash.length ? null : stash.subarray(piece.length);
      this.#bodyLeft -= Math.min(this.#bodyLeft, piece.length);
      this.#passed = Buffer.concat([this.#passed, piece.subarray(-ALMOST)]).subarray(-ALMOST);
      this.#isAsked = false;
      this.push(piece);
    } else if (this.#clientEnded) {
      this.#isAsked = false;
      this.push(null);
    } else if (this.#socket.isPaused()) this.#socket.resume();
  };

  #pieceEnd(stash: Buffer): number {
    const most = Math.min(stash.length, GATE_PIECE_BYTES_MAX);
    if (this.#bodyLeft > 0) return Math.min(most, this.#bodyLeft);
    const passed = this.#passed;
    const across = Buffer.concat([passed, stash.subarray(0, ALMOST)]);
    const begun = across.indexOf(EMPTY_LINE);
    if (begun >= 0) return begun + EMPTY_LINE.length - passed.length;
    const emptyLine = stash.indexOf(EMPTY_LINE);
    return emptyLine < 0 ? most : Math.min(most, emptyLine + EMPTY_LINE.length);
  }

  override _read(): void {
    this.#isAsked = true;
    this.#pass();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: Done): void {
    this.#socket.write(chunk, encoding, done);
  }

  override _writev(parts: { chunk: Buffer; encoding: BufferEncoding }[], done: Done): void {
    this.#socket.cork();
    for (const [i, { chunk, encoding }] of parts.entries()) {
      this.#socket.write(chunk, encoding, i === parts.length - 1 ? done : undefined);
    }
    this.#socket.uncork();
  }

  override _final(done: Done): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: Done): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#socket.destroy();
    done(error);
  }

  /** Node's server asks for it behind the last reply. A reset could overtake that: the client ends first. */
  destroySoon(): void {
    this.end();
    this.#stash = null;
    if (this.#clientEnded) {
      this.once('finish', () => this.destroy());
      return;
    }
    this.#socket.resume();
    this.#wait(() => this.destroy());
  }

  /** Tells the client that what it got is not all. */
  resetAndDestroy(): void {
    this.#socket.resetAndDestroy();
    this.destroy();
  }

  /** Node's server counts a connection's idle time by this. */
  setTimeout(milliseconds: number): this {
    this.#socket.setTimeout(milliseconds);
    return this;
  }

  /** Who has ended its side may still read, or be gone: the latter when nothing moves for a while. */
  #doubt(bytesWritten: number): void {
    this.#wait(() => {
      if (this.#socket.bytesWritten === bytesWritten) this.destroy();
      else this.#doubt(this.#socket.bytesWritten);
    });
  }

  #wait(then: () => void): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = this.destroyed ? null : setTimeout(then, LINGER_MS_MAX).unref();
  }
}
