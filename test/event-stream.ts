// A client of server-sent events as the specification says (WHATWG HTML §9.2.6), but that it does not come
// back by itself: a test says when, and from where.

import assert from 'node:assert/strict';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface StreamEvent {
  readonly name: string;
  readonly data: unknown;
  /** `performance.now()` when it had come. */
  readonly at: number;
}

const WAIT_MS_MAX = 20_000;

export class EventStream {
  readonly events: StreamEvent[] = [];
  readonly reply: IncomingMessage;
  /** What a browser would give back as Last-Event-ID. */
  lastId = '';
  retryMs: number | null = null;
  comments = 0;
  ended = false;
  readonly #request: ClientRequest;
  #text = '';

  private constructor(sent: ClientRequest, reply: IncomingMessage) {
    this.#request = sent;
    this.reply = reply;
    reply.setEncoding('utf8');
    reply.on('data', (text: string) => this.#take(text));
    reply.on('error', () => undefined);
    reply.on('close', () => {
      this.ended = true;
    });
  }

  /** Rejects when there is no answer. The status is the caller's to look at. */
  static open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<EventStream> {
    return new Promise((resolve, reject) => {
      const sent = request(url, { agent: false, headers }, (reply) => {
        resolve(new EventStream(sent, reply));
      });
      sent.on('error', reject);
      sent.end();
    });
  }

  close(): void {
    this.#request.destroy();
  }

  named(name: string): unknown[] {
    return this.events.filter((event) => event.name === name).map(({ data }) => data);
  }

  async until(done: () => boolean, what: string): Promise<void> {
    const late = performance.now() + WAIT_MS_MAX;
    while (!done()) {
      assert.ok(performance.now() < late, `${what} did not come in time`);
      await sleep(2);
    }
  }

  #take(text: string): void {
    this.#text += text;
    for (let end = this.#text.indexOf('\n\n'); end !== -1; end = this.#text.indexOf('\n\n')) {
      this.#block(this.#text.slice(0, end));
      this.#text = this.#text.slice(end + 2);
    }
  }

  #block(block: string): void {
    let name = 'message';
    const data: string[] = [];
    for (const line of block.split('\n')) {
      const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
      if (line.startsWith(':')) this.comments++;
      else if (field === 'event') name = value;
      else if (field === 'data') data.push(value);
      else if (field === 'id') this.lastId = value;
      else if (field === 'retry') this.retryMs = Number(value);
    }
    if (data.length === 0) return;
    this.events.push({ name, data: JSON.parse(data.join('\n')), at: performance.now() });
  }
}
