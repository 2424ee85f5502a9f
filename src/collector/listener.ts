// The public port of one collector process: accepts connections, starts each in the fast lane, and drains.

import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import { Failure } from '../config/failure.ts';
import {
  CONNECTIONS_MAX,
  DRAIN_MS_MAX,
  FORWARD_DRAIN_MS_MAX,
  LISTENING_SOCKETS,
  SOCKET_BUFFER_BYTES,
} from '../limits.ts';
import type { ClientAddresses } from './client-address.ts';
import type { Counters } from './counters.ts';
import type { Forward } from './forward.ts';
import type { ImageReplies } from './image.ts';
import type { Lane } from './lane.ts';
import type { NodeLane } from './node-lane.ts';

interface ListenerParts {
  readonly addresses: ClientAddresses;
  readonly replies: ImageReplies;
  readonly counters: Counters;
  readonly lane: Lane;
  readonly nodeLane: NodeLane;
  readonly forward: Forward | null;
}

const TICK_MS = 1_000;
const DRAIN_POLL_MS = 5;
/** Left of the drain's time for the journal's last commit. */
const CLOSE_MS_MAX = 1_000;

export class Listener {
  readonly #parts: ListenerParts;
  /** All on one port. */
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #tick: NodeJS.Timeout;

  constructor(parts: ListenerParts) {
    this.#parts = parts;
    this.#tick = setInterval(() => {
      parts.replies.renew(new Date());
      parts.lane.sweep(performance.now());
    }, TICK_MS);
    this.#tick.unref();
  }

  /**
   * Listens, and shares the port with other collectors where the platform can. Resolves with the port.
   * Throws a {@link Failure} that names the port when it cannot be had.
   */
  async listen({
    host,
    port,
    collectors,
  }: Pick<Config, 'host' | 'port' | 'collectors'>): Promise<number> {
    try {
      return await this.#share(host, port);
    } catch (error) {
      if (!(error instanceof Error) || !CANNOT_SHARE.has(codeOf(error)))
        throw refused(host, port, error);
      if (collectors > 1) {
        const detail = 'this platform cannot share a port between processes; set COLLECTORS to 1';
        throw new Failure(detail, undefined, { cause: error });
      }
    }
    return this.#bind(host, port, false).catch((error: unknown) => {
      throw refused(host, port, error);
    });
  }

  /**
   * Stops accepting, lets replies that are owed be sent, and closes everything. What is under way at the
   * store process gets FORWARD_DRAIN_MS_MAX. The journal must stay open until this is done.
   */
  async drain(): Promise<void> {
    const { lane, nodeLane, forward } = this.#parts;
    const began = performance.now();
    for (const server of this.#servers) server.close();
    lane.drain();
    nodeLane.drain();
    forward?.drain();
    const isBusy = (): boolean => lane.isBusy || nodeLane.isBusy;
    while (isBusy() && performance.now() - began < FORWARD_DRAIN_MS_MAX) await sleep(DRAIN_POLL_MS);
    forward?.close();
    while (isBusy() && performance.now() - began < DRAIN_MS_MAX - CLOSE_MS_MAX) {
      await sleep(DRAIN_POLL_MS);
    }
    clearInterval(this.#tick);
    for (const socket of this.#sockets) socket.destroy();
    while (this.#sockets.size > 0) await sleep(DRAIN_POLL_MS);
  }

  #accept(socket: Socket): void {
    const { addresses, counters, lane } = this.#parts;
    counters.connectionsAccepted++;
    const peer = addresses.peer(socket.remoteAddress);
    // Without an address the client has gone again already.
    if (peer === null) {
      socket.destroy();
      return;
    }
    counters.connectionsOpen++;
    this.#sockets.add(socket);
    socket.on('close', () => {
      counters.connectionsOpen--;
      this.#sockets.delete(socket);
    });
    lane.accept(socket, peer);
  }

  /** Node.js accepts one connection of a socket in a turn of its event loop; of several, several. */
  async #share(host: string, port: number): Promise<number> {
    let bound = port;
    for (let i = 0; i < LISTENING_SOCKETS; i++) bound = await this.#bind(host, bound, true);
    return bound;
  }

  #bind(host: string, port: number, reusePort: boolean): Promise<number> {
    const { counters } = this.#parts;
    // Half-open: a client may send its request, end, and still read the reply.
    const server = createServer(
      { noDelay: true, allowHalfOpen: true, highWaterMark: SOCKET_BUFFER_BYTES },
      (socket) => this.#accept(socket),
    );
    server.maxConnections = reusePort
      ? Math.floor(CONNECTIONS_MAX / LISTENING_SOCKETS)
      : CONNECTIONS_MAX;
    server.on('drop', () => counters.connectionsRefused++);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, reusePort }, () => {
        server.off('error', reject);
        // A connection that could not be accepted (no descriptors left) is no reason to end the others.
        server.on('error', () => counters.connectionsRefused++);
        this.#servers.push(server);
        const address = server.address();
        resolve(address !== null && typeof address === 'object' ? address.port : port);
      });
    });
  }
}

const CANNOT_SHARE: ReadonlySet<string> = new Set([
  'ENOTSUP',
  'EOPNOTSUPP',
  'EINVAL',
  'ENOPROTOOPT',
]);

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}

function refused(host: string, port: number, error: unknown): Failure {
  const reasons: Record<string, string> = {
    EADDRINUSE: 'another program has it',
    EACCES: 'this user may not open it',
    EADDRNOTAVAIL: 'this machine does not have the address',
  };
  const reason = reasons[codeOf(error)] ?? String(error);
  return new Failure(`cannot listen on ${host}:${port} (HOST, PORT): ${reason}`, undefined, {
    cause: error,
  });
}
