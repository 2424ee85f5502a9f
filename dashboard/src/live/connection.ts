// Keeps a stream of live hits flowing: connects again by itself behind the last event it had, and rests while
// nobody looks, since a browser has six connections for a server and other tabs want some.

import { addressWith, Problem, problemOf, type Query } from '../api/request.ts';
import { EventParser, type StreamEvent } from './event-stream.ts';

/**
 * `waiting`: it was cut or could not be reached, and is tried again. `resting`: nobody looks. A Problem: the
 * server refuses, and trying again is no use.
 */
export type Connection = 'connecting' | 'live' | 'waiting' | 'resting' | Problem;

interface Listener {
  /** What came in one piece, oldest first. */
  onEvents(events: readonly StreamEvent[]): void;
  onState(state: Connection): void;
}

const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 15_000;
/** The server says something at least every so often; a connection that is silent for longer is dead. */
const SILENCE_MS_MAX = 45_000;
/** A tab that is only passed by is not worth a new connection. */
const HIDDEN_MS_MAX = 20_000;

export class LiveConnection {
  readonly #query: Query;
  readonly #listener: Listener;
  #lastId = '';
  #running: AbortController | null = null;
  #hiding: ReturnType<typeof setTimeout> | undefined;

  constructor(query: Query, listener: Listener) {
    this.#query = query;
    this.#listener = listener;
  }

  open(): void {
    document.addEventListener('visibilitychange', this.#look);
    this.#start();
    this.#look();
  }

  close(): void {
    document.removeEventListener('visibilitychange', this.#look);
    clearTimeout(this.#hiding);
    this.#running?.abort();
    this.#running = null;
  }

  readonly #look = (): void => {
    clearTimeout(this.#hiding);
    if (document.visibilityState === 'visible') this.#start();
    else this.#hiding = setTimeout(() => this.#rest(), HIDDEN_MS_MAX);
  };

  #rest(): void {
    this.#running?.abort();
    this.#running = null;
    this.#listener.onState('resting');
  }

  #start(): void {
    if (this.#running !== null) return;
    this.#running = new AbortController();
    void this.#run(this.#running.signal);
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; failures++) {
      this.#listener.onState(failures === 0 ? 'connecting' : 'waiting');
      try {
        await this.#read(signal, () => {
          failures = 0;
          this.#listener.onState('live');
        });
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof Problem && !error.isPassing) return this.#listener.onState(error);
      }
      if (signal.aborted) return;
      this.#listener.onState('waiting');
      const most = Math.min(RETRY_MS_MIN * 2 ** failures, RETRY_MS_MAX);
      await pause(most * (0.5 + Math.random() / 2), signal);
    }
  }

  /** Resolves when the server ends the stream, rejects when it breaks or is silent. */
  async #read(signal: AbortSignal, onOpen: () => void): Promise<void> {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), SILENCE_MS_MAX);
    try {
      const response = await fetch(addressWith('/v1/live', this.#query), {
        credentials: 'same-origin',
        cache: 'no-store',
        headers: {
          accept: 'text/event-stream',
          ...(this.#lastId !== '' && { 'last-event-id': this.#lastId }),
        },
        signal: AbortSignal.any([signal, silence.signal]),
      });
      if (!response.ok || response.body === null) throw await problemOf(response);
      onOpen();
      const parser = new EventParser(this.#lastId);
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENCE_MS_MAX);
        if (signal.aborted) return;
        const events = parser.push(value);
        this.#lastId = parser.id;
        if (events.length > 0) this.#listener.onEvents(events);
      }
    } finally {
      clearTimeout(timer);
      silence.abort();
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
