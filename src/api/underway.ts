// Answers that go on: a live stream for days, an export for minutes. Who asked for one is looked at again and
// again, so that a token that is revoked, or a browser that signs out, gets no more of it.

import type { FastifyReply } from 'fastify';
import type { Access, Caller } from '../access/access.ts';
import { ANSWERS_LOOK_MS } from '../limits.ts';

type Answer = FastifyReply['raw'];

export class Underway {
  readonly #access: Pick<Access, 'holds'>;
  readonly #callers = new Map<Answer, Caller>();
  readonly #timer: NodeJS.Timeout;

  constructor(access: Pick<Access, 'holds'>) {
    this.#access = access;
    this.#timer = setInterval(() => this.#look(), ANSWERS_LOOK_MS).unref();
  }

  add(answer: Answer, caller: Caller): void {
    this.#callers.set(answer, caller);
    answer.once('close', () => this.#callers.delete(answer));
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Broken off, not ended: what a client has got is not all. */
  #look(): void {
    for (const [answer, caller] of this.#callers) {
      if (!this.#access.holds(caller)) answer.destroy();
    }
  }
}
