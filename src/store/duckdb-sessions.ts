// The one session of the embedded store at a time, and who uses it: opened when it is needed, opened again
// when DuckDB gave it up, and exchanged for one on a new file between two calls, which wait meanwhile.

import { isFatal, storeError } from './duckdb-error.ts';
import { closeSession, type DuckdbOptions, openSession, type Session } from './duckdb-session.ts';
import { StoreError } from './store.ts';

export class Sessions {
  readonly #options: DuckdbOptions;
  #session: Promise<Session> | null = null;
  /** Resolved once nobody uses the session that is to be exchanged. */
  #leaving: { readonly session: Session; readonly left: () => void } | null = null;
  #closed = false;
  readonly #ended = Promise.withResolvers<void>();

  constructor(options: DuckdbOptions) {
    this.#options = options;
  }

  /** Runs one call on the open session. Rejects with {@link StoreError}. */
  async use<T>(work: (session: Session) => Promise<T>): Promise<T> {
    if (this.#closed) throw new StoreError('the store is closed', false);
    this.#session ??= openSession(this.#options);
    const opening = this.#session;
    let session: Session;
    try {
      session = await opening;
    } catch (error) {
      if (this.#session === opening) this.#session = null;
      throw storeError(error);
    }
    session.users++;
    try {
      return await work(session);
    } catch (error) {
      if (isFatal(error)) session.broken = true;
      throw storeError(error);
    } finally {
      session.users--;
      this.#leave(session);
    }
  }

  /**
   * Runs `prepare` beside other calls, then closes the session as soon as nobody uses it, runs `exchange`,
   * and opens the file again, whatever `exchange` did. Never twice at once. Rejects with {@link StoreError}.
   */
  async exchange(
    prepare: (session: Session) => Promise<void>,
    exchange: () => Promise<void>,
  ): Promise<void> {
    let exchanged: Promise<void> = Promise.resolve();
    await this.use(async (session) => {
      await prepare(session);
      // Whoever closes the store from now on waits for the new session.
      if (this.#closed) throw new StoreError('the store is closed', false);
      const left = Promise.withResolvers<void>();
      this.#leaving = { session, left: left.resolve };
      exchanged = left.promise.then(async () => {
        closeSession(session);
        await exchange();
      });
      this.#session = exchanged.catch(() => undefined).then(() => openSession(this.#options));
      this.#session.catch(() => undefined);
    });
    try {
      await exchanged;
      await this.use(() => Promise.resolve());
    } catch (error) {
      throw storeError(error);
    }
  }

  /** Once the calls under way have ended. */
  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      const session = await this.#session?.catch(() => null);
      if (session) this.#leave(session);
      else this.#ended.resolve();
    }
    await this.#ended.promise;
  }

  /**
   * Closes a session that is of no more use once nobody uses it. Until then calls go to it and fail, as its
   * file cannot be shared.
   */
  #leave(session: Session): void {
    if (session.users > 0) return;
    if (this.#leaving?.session === session) {
      this.#leaving.left();
      this.#leaving = null;
      return;
    }
    if ((!session.broken && !this.#closed) || this.#session === null) return;
    this.#session = null;
    closeSession(session);
    if (this.#closed) this.#ended.resolve();
  }
}
