// The fast lane: answers tracking images straight from the socket. It understands one shape of request
// (head.ts) and hands a connection over to Node's own http server, for good, at the first byte that is
// anything else; so everything strange, slow or hostile meets the parser that the world has tested.
//
// One request at a time per connection: while its reply waits for the commit (or for the client to read),
// what comes meanwhile is stashed, bounded by pausing the socket, and looked at afterwards. What needs no
// commit is answered at once, but only a few requests per turn of the event loop, so that a connection full
// of them does not keep its neighbours waiting. There is no timer per connection: one sweep a second looks
// at when each last did something.

import type { Socket } from 'node:net';
import type { HitKind } from '../hit/event.ts';
import type { Waiter } from '../journal/journal.ts';
import { KEEP_ALIVE_MS_MAX, LINGER_MS_MAX, REPLIES_PER_TURN_MAX } from '../limits.ts';
import { type ImageOutcome, imageStatus } from './admission.ts';
import type { Peer } from './client-address.ts';
import type { Collect } from './collect.ts';
import type { Counters } from './counters.ts';
import { NOT_OURS, readHead } from './head.ts';
import type { ImageFormat, ImageReplies } from './image.ts';
import { PixelRequest } from './request.ts';

interface LaneParts {
  readonly collect: Collect;
  readonly replies: ImageReplies;
  readonly counters: Counters;
  /** Takes a connection over, with what was read and not understood; `clientEnded`: no more will come. */
  readonly handOff: (socket: Socket, peer: Peer, bytes: Buffer, clientEnded: boolean) => void;
}

export class Lane {
  readonly parts: LaneParts;
  readonly #connections = new Set<LaneConnection>();
  /** The time of the last sweep, in ms of an arbitrary clock: exact enough for idleness. */
  now = performance.now();
  draining = false;

  constructor(parts: LaneParts) {
    this.parts = parts;
  }

  accept(socket: Socket, peer: Peer): void {
    this.#connections.add(new LaneConnection(this, socket, peer));
  }

  forget(connection: LaneConnection): void {
    this.#connections.delete(connection);
  }

  /** Closes who has been idle for too long. To be called about once a second. */
  sweep(now: number): void {
    this.now = now;
    for (const connection of this.#connections) connection.sweep(now);
  }

  /** Ends idle connections now and the others with their reply. */
  drain(): void {
    this.draining = true;
    for (const connection of this.#connections) connection.proceed();
  }

  /** Whether a reply is still owed or on its way. */
  get isBusy(): boolean {
    for (const connection of this.#connections) if (connection.isBusy) return true;
    return false;
  }
}

const READY = 0;
/** The journal has the hit; `settled` will be called. */
const COMMITTING = 1;
/** The client does not read its replies; 'drain' will come. */
const FLUSHING = 2;
/** Ended by us; what still comes is ignored until the client ends too. */
const CLOSED = 3;

/** Read and used up within one call, so one serves all connections. */
const request = new PixelRequest();

class LaneConnection implements Waiter {
  readonly #lane: Lane;
  readonly #socket: Socket;
  readonly #peer: Peer;
  #state: typeof READY | typeof COMMITTING | typeof FLUSHING | typeof CLOSED = READY;
  #activeAt: number;
  /** What came behind the request in hand. */
  #stash: Buffer | null = null;
  /** The client will send nothing more; it may still read. */
  #clientEnded = false;
  // Of the request in hand, what its reply depends on.
  #kind: HitKind = 'visit';
  #format: ImageFormat = 'gif';
  #keepAlive = true;
  #followed = false;

  constructor(lane: Lane, socket: Socket, peer: Peer) {
    this.#lane = lane;
    this.#socket = socket;
    this.#peer = peer;
    this.#activeAt = lane.now;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('drain', this.#onDrain);
    socket.on('error', ignore);
    socket.on('close', this.#onClose);
  }

  readonly #onData = (bytes: Buffer): void => {
    if (this.#state === READY && this.#stash === null) this.#read(bytes);
    else if (this.#state !== CLOSED) this.#stashAway(bytes);
  };

  #read(bytes: Buffer): void {
    this.#activeAt = this.#lane.now;
    let from = 0;
    for (let i = 0; i < REPLIES_PER_TURN_MAX && from < bytes.length && this.#state === READY; i++) {
      const end = readHead(bytes, from, request);
      if (end === NOT_OURS) {
        this.#handOff(bytes.subarray(from));
        return;
      }
      from = end;
      this.#answer(from < bytes.length);
    }
    if (from === bytes.length || this.#state === CLOSED) return;
    this.#stashAway(bytes.subarray(from));
    if (this.#state === READY) setImmediate(this.proceed);
  }

  /**
   * The straight line: the request is parsed; admit, append, and the image when it is durable.
   * `followed`: something came behind it.
   */
  #answer(followed: boolean): void {
    const { collect, counters } = this.#lane.parts;
    counters.requests.fast++;
    this.#kind = request.kind;
    this.#format = request.format;
    this.#keepAlive = request.keepAlive;
    this.#followed = followed;
    const outcome = collect.take(request, this.#peer, this);
    if (outcome === null) this.#state = COMMITTING;
    else this.#reply(outcome);
  }

  /** The journal's word on the hit in hand. */
  settled(kept: boolean): void {
    this.#reply(kept ? 'kept' : 'commit-failed');
    // Not at once: the journal is going through its waiters, and this may append again.
    if (this.#stash !== null || this.#clientEnded) process.nextTick(this.proceed);
  }

  #reply(outcome: ImageOutcome): void {
    const { counters, replies } = this.#lane.parts;
    const status = imageStatus(outcome);
    counters.image(this.#kind, outcome);
    // The client went while its hit was committed. The hit is kept all the same.
    if (this.#state === CLOSED) return;
    counters.reply(status);
    this.#activeAt = this.#lane.now;
    const keepAlive = this.#keepAlive && !this.#lane.draining;
    const flushed = this.#socket.write(replies.of(this.#format, status, keepAlive));
    if (keepAlive) this.#state = flushed ? READY : FLUSHING;
    else if (this.#isDone) this.#leave();
    else this.#close();
  }

  /** Goes on with what came meanwhile, or ends the connection when nothing more is to come. */
  readonly proceed = (): void => {
    if (this.#state !== READY) return;
    const stash = this.#stash;
    this.#stash = null;
    if (stash !== null) this.#read(stash);
    this.#rest();
  };

  /** Waits for more, if more is to come. */
  #rest(): void {
    if (this.#state === CLOSED || this.#stash !== null) return;
    if (this.#state === READY && (this.#clientEnded || this.#lane.draining)) this.#close();
    else this.#socket.resume();
  }

  readonly #onDrain = (): void => {
    if (this.#state !== FLUSHING) return;
    this.#state = READY;
    this.proceed();
  };

  readonly #onEnd = (): void => {
    this.#clientEnded = true;
    this.proceed();
  };

  readonly #onClose = (): void => {
    this.#state = CLOSED;
    this.#lane.forget(this);
  };

  /** Hardly any client sends ahead, so those that do are held back at once: one read is all that is kept. */
  #stashAway(bytes: Buffer): void {
    this.#stash = this.#stash === null ? bytes : Buffer.concat([this.#stash, bytes]);
    this.#socket.pause();
  }

  #handOff(bytes: Buffer): void {
    const socket = this.#socket;
    this.#state = CLOSED;
    this.#lane.forget(this);
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.off('drain', this.#onDrain);
    socket.off('close', this.#onClose);
    socket.pause();
    this.#lane.parts.handOff(socket, this.#peer, bytes, this.#clientEnded);
    socket.off('error', ignore);
  }

  /** The client asked for the end and has sent nothing behind that, and the kernel has the whole reply. */
  get #isDone(): boolean {
    const socket = this.#socket;
    // Of a paused socket, as it is while something is stashed, nobody knows what lies unread in the kernel.
    const isLast = !this.#keepAlive && !this.#followed && !socket.isPaused();
    return isLast && socket.writableLength === 0;
  }

  /** As nginx and Node's server do then: waiting for the client's end is a third of a connection's cost. */
  #leave(): void {
    this.#state = CLOSED;
    this.#socket.destroy();
  }

  /** Lets the client read the last reply before the connection goes: a reset could overtake it. */
  #close(): void {
    this.#state = CLOSED;
    this.#stash = null;
    this.#socket.end();
    this.#socket.resume();
  }

  sweep(now: number): void {
    if (this.#state === COMMITTING) return;
    const idleMax = this.#state === CLOSED ? LINGER_MS_MAX : KEEP_ALIVE_MS_MAX;
    if (now - this.#activeAt > idleMax) this.#socket.destroy();
  }

  get isBusy(): boolean {
    return this.#state === COMMITTING || this.#socket.writableLength > 0;
  }
}

function ignore(): void {
  // A connection's error says that the client has gone; 'close' follows.
}
