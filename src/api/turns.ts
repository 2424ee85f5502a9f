// Lets those who read something and then change it take turns, so that none of them builds on what another
// one is changing.

export class Turns {
  /** By key: the last one in the row. It never rejects. */
  readonly #last = new Map<string, Promise<void>>();

  /** Does `work` once all who came before with this key are done, however that went. */
  take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#last.get(key) ?? Promise.resolve()).then(work);
    const over = turn.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(key, over);
    void over.then(() => {
      if (this.#last.get(key) === over) this.#last.delete(key);
    });
    return turn;
  }
}
