// What orchestrators and Prometheus ask on the public port: /health, /ready and /metrics. The collector
// answers itself, so that they work while the store process is down, which is when they matter.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JournalWriter } from '../journal/journal.ts';
import { bearerChallenge, type bearerCheck } from '../telemetry/bearer.ts';
import type { Readiness } from '../telemetry/control.ts';
import { answer, answerJson, answerProblem } from './answer.ts';

export interface OperationsParts {
  readonly journal: Pick<JournalWriter, 'stats'>;
  /** Of all processes, by name (telemetry/gather.ts). */
  readonly readiness: () => Promise<Record<string, Readiness>>;
  readonly metrics: () => Promise<string>;
  /** Whether a relay to a bus belongs to this server. */
  readonly withRelay: boolean;
  /** Null: /metrics is open to everybody. */
  readonly bearer: ReturnType<typeof bearerCheck> | null;
}

const STORE = 'store';
const RELAY = 'relay';
const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';

/** Whether a hit can be kept now. What the store does is beside the point: no hit is lost by it. */
export function journalReadiness(journal: Pick<JournalWriter, 'stats'>): Readiness {
  const { state } = journal.stats;
  return { ready: state === 'open', reason: state === 'open' ? null : `the journal is ${state}` };
}

/** A relay's reason is a word of a closed set (bus/bus.ts), fit for anybody. */
function relayState(relay: Readiness | undefined): string {
  return relay === undefined ? 'down' : (relay.reason ?? 'ready');
}

/** A machine that relays only collects: nothing is said of a store that is elsewhere. */
function storeState(store: Readiness | undefined, withRelay: boolean): { readonly store?: string } {
  if (store !== undefined) return { store: store.ready ? 'ready' : 'not ready' };
  return withRelay ? {} : { store: 'down' };
}

export class Operations {
  readonly #parts: OperationsParts;
  /** Whoever asks meanwhile gets the same answer: strangers must not make the processes ask each other. */
  #asking: Promise<Record<string, Readiness>> | null = null;

  constructor(parts: OperationsParts) {
    this.#parts = parts;
  }

  /** Answers when `path` is one of its own; false otherwise. */
  serve(path: string, message: IncomingMessage, response: ServerResponse): boolean {
    if (path !== '/health' && path !== '/ready' && path !== '/metrics') return false;
    if (message.method !== 'GET' && message.method !== 'HEAD') {
      answerProblem(response, 405, `${path} knows GET and HEAD`, { Allow: 'GET, HEAD' });
    } else if (path === '/health') answerJson(response, 200, { status: 'ok' });
    else if (path === '/ready') this.#eventually(response, this.#ready(response));
    else this.#eventually(response, this.#metrics(message, response));
    return true;
  }

  /** 200 while a hit can be kept. The store is told of, not asked for; paths and errors are for the log. */
  async #ready(response: ServerResponse): Promise<void> {
    const all = await this.#askAll();
    const store = all[STORE];
    const { ready } = journalReadiness(this.#parts.journal);
    answerJson(response, ready ? 200 : 503, {
      status: ready ? 'ready' : 'not ready',
      journal: this.#parts.journal.stats.state,
      ...storeState(store, this.#parts.withRelay),
      ...(this.#parts.withRelay ? { relay: relayState(all[RELAY]) } : {}),
    });
  }

  #askAll(): Promise<Record<string, Readiness>> {
    this.#asking ??= this.#parts.readiness().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #metrics(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const verdict = this.#parts.bearer?.(message.headersDistinct['authorization']) ?? 'right';
    if (verdict === 'right') {
      answer(response, 200, PROMETHEUS_TEXT, await this.#parts.metrics());
    } else {
      answerProblem(response, 401, '/metrics needs the bearer token (API_TOKEN)', {
        'WWW-Authenticate': bearerChallenge(verdict),
      });
    }
  }

  #eventually(response: ServerResponse, answering: Promise<void>): void {
    answering.catch(() => {
      if (response.headersSent) response.destroy();
      else answerProblem(response, 500, 'the processes could not be asked');
    });
  }
}
