// One request to SNS or SQS: under a deadline that nothing outlives, by a client that is made anew when
// somebody may have mended what it was made of, and with its failure in the port's words.

import { type Attempt, busError } from './sns-sqs-error.ts';

/** What every client of the SDK has. */
interface AwsClient {
  /** What it found this machine's clock to be wrong by, in milliseconds, from the answers' own times. */
  readonly config: { readonly systemClockOffset: number };
  destroy(): void;
}

/** A client, and those who use it. */
interface Lease<C> {
  readonly client: C;
  readonly ended: AbortController;
  users: number;
}

export class Caller<C extends AwsClient> {
  readonly #make: (systemClockOffset: number) => C;
  readonly #requestMs: number;
  #lease: Lease<C> | null = null;
  /** A new client would have to be refused once more to learn it again. */
  #clockOffset = 0;

  /** `requestMs`: how long a request may take as a whole. */
  constructor(make: (systemClockOffset: number) => C, requestMs: number) {
    this.#make = make;
    this.#requestMs = requestMs;
  }

  /**
   * Rejects with a BusError, also when there is no whole answer in time, when `waiting.signal` aborts or when
   * the caller is closed. `waiting`: the service may take `ms` longer, as it was asked to wait.
   */
  async call<T>(
    attempt: Attempt,
    work: (client: C, signal: AbortSignal) => Promise<T>,
    waiting?: { readonly ms: number; readonly signal: AbortSignal },
  ): Promise<T> {
    const milliseconds = this.#requestMs + (waiting?.ms ?? 0);
    let lease: Lease<C> | null = null;
    try {
      const held = this.#take();
      lease = held;
      const ends = [held.ended.signal, ...(waiting === undefined ? [] : [waiting.signal])];
      return await within(milliseconds, ends, (signal) => work(held.client, signal));
    } catch (error) {
      const failure = busError(error, attempt);
      // A new client reads credentials, region and endpoint anew: somebody may have mended them.
      if (!failure.retryable && lease === this.#lease) this.#retire();
      throw failure;
    } finally {
      if (lease !== null) this.#giveBack(lease);
    }
  }

  /** Ends what is under way, which fails by that. */
  close(): void {
    this.#lease?.ended.abort();
    this.#retire();
  }

  #take(): Lease<C> {
    const lease = (this.#lease ??= {
      client: this.#make(this.#clockOffset),
      ended: new AbortController(),
      users: 0,
    });
    lease.users++;
    return lease;
  }

  #giveBack(lease: Lease<C>): void {
    this.#clockOffset = lease.client.config.systemClockOffset;
    lease.users--;
    if (lease.users === 0 && lease !== this.#lease) lease.client.destroy();
  }

  /** Others may be in the middle of a request, which is no worse for this one's failure. */
  #retire(): void {
    const lease = this.#lease;
    this.#lease = null;
    if (lease?.users === 0) lease.client.destroy();
  }
}

/**
 * The SDK's own bounds end where an answer begins, and know nothing of credentials that are fetched first.
 * Rejects with the names that sns-sqs-error.ts reads.
 */
async function within<T>(
  milliseconds: number,
  ends: readonly AbortSignal[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const request = new AbortController();
  const over = Promise.withResolvers<never>();
  const end = (name: string, message: string): void => {
    over.reject(Object.assign(new Error(message), { name }));
    request.abort();
  };
  const onEnd = (): void => end('AbortError', 'it was given up');
  const timer = setTimeout(() => {
    end('TimeoutError', `no whole answer within ${milliseconds} ms`);
  }, milliseconds);
  for (const signal of ends) signal.addEventListener('abort', onEnd);
  try {
    if (ends.some(({ aborted }) => aborted)) onEnd();
    // Not the SDK's word alone: whatever it waits for, this ends.
    return await Promise.race([over.promise, work(request.signal)]);
  } finally {
    clearTimeout(timer);
    for (const signal of ends) signal.removeEventListener('abort', onEnd);
  }
}
