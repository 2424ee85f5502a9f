// What the collector's lane with Node's http server makes of bytes, without sockets: the other side of the
// comparison. It is the very NodeLane, with its options and refusals, that a connection is handed over to;
// only what becomes of a hit is replaced by a note of it.

import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { Peer } from '../../src/collector/client-address.ts';
import type { Collect } from '../../src/collector/collect.ts';
import { Counters } from '../../src/collector/counters.ts';
import { NodeLane } from '../../src/collector/node-lane.ts';
import type { Operations } from '../../src/collector/operations.ts';
import { ABSENT, type PixelRequest } from '../../src/collector/request.ts';

/** What a hit and its reply are made of; two requests mean the same when these texts are equal. */
export function meaningOf(request: PixelRequest): string {
  const { bytes, kind, format, optedOut } = request;
  const text = (start: number, end: number): string =>
    start === ABSENT ? 'absent' : `"${bytes.toString('latin1', start, end)}"`;
  const code =
    kind === 'open' ? `${text(request.codeStart, request.codeEnd)} ok ${request.codeOk}` : '–';
  return `${kind} ${format}
code ${code}
referrer ${text(request.referrerStart, request.referrerEnd)}
agent ${text(request.agentStart, request.agentEnd)}
purpose ${text(request.purposeStart, request.purposeEnd)}
forwarded ${text(request.forwardedStart, request.forwardedEnd)}
cookie ${text(request.cookieStart, request.cookieEnd)}
opted out ${optedOut}`;
}

/** Of one connection, from its first byte to its end. */
export interface NodeReading {
  /** The image requests, in order. */
  readonly meanings: readonly string[];
  /** All that was written, with every Date's value left out. */
  readonly written: string;
}

const UNDATED = 'Date: -\r\n';

/** So that replies of two moments can be compared. */
export function undated(replies: string): string {
  return replies.replaceAll(/Date: [^\r]*\r\n/g, UNDATED);
}

/** Who sent the bytes; what was taken of them is noted here. */
interface NotedPeer extends Peer {
  readonly meanings: string[];
}

const collect: Pick<Collect, 'take'> = {
  take: (request, peer) => {
    (peer as NotedPeer).meanings.push(meaningOf(request));
    return 'mode-off';
  },
};
const operations: Pick<Operations, 'serve'> = { serve: () => false };
const lane = new NodeLane({
  collect: collect as Collect,
  operations: operations as Operations,
  counters: new Counters(),
  forward: null,
});

/** Reads `bytes` as the whole of a connection; resolves when Node's server is done with it. */
export function readByNode(bytes: Buffer): Promise<NodeReading> {
  const peer: NotedPeer = { address: '', trusted: false, kept: Buffer.alloc(0), meanings: [] };
  return new Promise((resolve) => {
    const socket = new Recorder((written) => {
      resolve({ meanings: peer.meanings, written: undated(written) });
    });
    lane.adopt(socket as unknown as Socket, peer, bytes, true);
  });
}

type Done = () => void;

/** As much of a socket as the gate needs (collector/gate.ts); its client has sent all and reads all. */
class Recorder extends EventEmitter {
  readonly #onEnd: (written: string) => void;
  #written = '';

  constructor(onEnd: (written: string) => void) {
    super();
    this.#onEnd = onEnd;
  }

  get bytesWritten(): number {
    return this.#written.length;
  }

  write(chunk: Buffer | string, encoding: BufferEncoding, done?: Done): boolean {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
    this.#written += bytes.toString('latin1');
    if (done) process.nextTick(done);
    return true;
  }

  end(done: Done): void {
    process.nextTick(done);
  }

  destroy(): void {
    this.#onEnd(this.#written);
  }

  cork(): void {}
  uncork(): void {}
  pause(): void {}
  resume(): void {}
  setTimeout(): void {}

  isPaused(): boolean {
    return false;
  }
}
