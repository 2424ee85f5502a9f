// One connection of the torture's load. It writes its requests by hand and believes nothing but bytes: a
// marker is acknowledged when the whole reply, image included, has been read.

import { connect, type Socket } from 'node:net';
import { isPng, markedRequest } from './marker.ts';

/** How a connection behaves; the mix is what real clients and bad networks do. */
export type Manner =
  /** One request at a time, for as long as the server keeps the connection. */
  | 'patient'
  /** Three requests written at once. */
  | 'pipelining'
  /** A new connection for each request. */
  | 'fresh'
  /** Resets the connection without waiting for the reply, now and then. */
  | 'impatient';

export interface ClientEvents {
  replied(marker: number, status: number): void;
  /** The connection went away with these replies outstanding. */
  broken(markers: readonly number[]): void;
  /** Something that no server of ours may send. */
  strange(what: string): void;
}

const RECONNECT_MS = 20;
const REPLY_MS_MAX = 30_000;
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47]);
const GIF = Buffer.from('GIF89a');

export class Client {
  readonly manner: Manner;
  readonly #port: number;
  readonly #events: ClientEvents;
  #socket: Socket | null = null;
  #pending: number[] = [];
  #unread: Buffer = Buffer.alloc(0);
  #connected = false;
  #closed = false;

  constructor(port: number, manner: Manner, events: ClientEvents) {
    this.#port = port;
    this.manner = manner;
    this.#events = events;
    this.#connect();
  }

  /** Whether {@link Client.send} may be called. */
  get idle(): boolean {
    return this.#connected && this.#pending.length === 0;
  }

  get waiting(): boolean {
    return this.#pending.length > 0;
  }

  /** How many markers it takes at once. */
  get appetite(): number {
    return this.manner === 'pipelining' ? 3 : 1;
  }

  send(markers: readonly number[], code: string): void {
    this.#pending.push(...markers);
    this.#socket?.write(
      markers.map((marker) => this.#requestText(marker, code)).join(''),
      'latin1',
    );
  }

  /** Resets the connection under its request. */
  abandon(): void {
    this.#socket?.resetAndDestroy();
  }

  close(): void {
    this.#closed = true;
    this.#socket?.destroy();
  }

  #requestText(marker: number, code: string): string {
    const { path, referrer, agent, address } = markedRequest(marker, code);
    const last = this.manner === 'fresh' ? 'Connection: close\r\n' : '';
    return (
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${this.#port}\r\nUser-Agent: ${agent}\r\n` +
      `Accept: image/avif,image/webp,*/*;q=0.8\r\nReferer: ${referrer}\r\n` +
      `X-Forwarded-For: ${address}\r\n${last}\r\n`
    );
  }

  #connect(): void {
    if (this.#closed) return;
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    this.#socket = socket;
    socket.setTimeout(REPLY_MS_MAX);
    socket.on('connect', () => {
      this.#connected = true;
    });
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('timeout', () => this.#timedOut());
    socket.on('error', () => undefined); // 'close' follows, and says all that matters here.
    socket.on('close', () => this.#lost());
  }

  #timedOut(): void {
    if (this.#pending.length > 0) this.#events.strange(`no reply for ${REPLY_MS_MAX} ms`);
    this.#socket?.destroy();
  }

  #lost(): void {
    const broken = this.#pending;
    this.#connected = false;
    this.#pending = [];
    this.#unread = Buffer.alloc(0);
    if (broken.length > 0) this.#events.broken(broken);
    if (!this.#closed) setTimeout(() => this.#connect(), RECONNECT_MS);
  }

  #read(bytes: Buffer): void {
    this.#unread = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes]);
    let closing = false;
    for (;;) {
      const headEnd = this.#unread.indexOf('\r\n\r\n');
      if (headEnd === -1) break;
      const head = this.#unread.toString('latin1', 0, headEnd);
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN);
      if (Number.isNaN(length)) {
        this.#events.strange(`a reply without a length: ${head}`);
        this.#socket?.destroy();
        return;
      }
      const end = headEnd + 4 + length;
      if (this.#unread.length < end) break;
      this.#reply(head, this.#unread.subarray(headEnd + 4, end));
      this.#unread = this.#unread.subarray(end);
      closing ||= /\r\nconnection: close/i.test(head);
    }
    if (this.#pending.length > 0) return;
    if (!closing && this.manner !== 'fresh') return;
    this.#connected = false;
    this.#socket?.end();
  }

  #reply(head: string, body: Buffer): void {
    const marker = this.#pending.shift();
    if (marker === undefined) {
      this.#events.strange(`a reply that nobody asked for: ${head}`);
      return;
    }
    const status = Number(head.slice(9, 12));
    const [signature, length] = isPng(marker) ? [PNG, 68] : [GIF, 43];
    if (body.length !== length || !body.subarray(0, signature.length).equals(signature)) {
      this.#events.strange(`a reply that is not the image: ${head}\n${body.toString('latin1')}`);
    }
    this.#events.replied(marker, status);
  }
}
