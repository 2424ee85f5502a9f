// When each token was used last, for whoever wonders which ones can go. Noted in memory at each use and
// written down once a minute when there is something new, so that no request waits for it; a crash costs
// that minute.

import { z } from 'zod';
import { lastUsesPath } from '../config/paths.ts';
import { LAST_USES_KEEP_MS } from '../limits.ts';
import { readSecretFile, writeSecretFile } from './secret-file.ts';

/** By the tokens' ids, in milliseconds since 1970. */
const UsesText = z.strictObject({ version: z.literal(1), used: z.record(z.string(), z.int()) });

/** What was written down last; nothing when there is no such file. Throws when it is damaged. */
async function readLastUses(dataDir: string): Promise<Map<string, number>> {
  const bytes = await readSecretFile(lastUsesPath(dataDir));
  if (bytes === null) return new Map();
  const { used } = UsesText.parse(JSON.parse(bytes.toString()));
  return new Map(Object.entries(used));
}

export class LastUses {
  readonly #path: string;
  readonly #onTrouble: (reason: string) => void;
  #times = new Map<string, number>();
  #timer: NodeJS.Timeout | null = null;
  #isNew = false;

  constructor(dataDir: string, onTrouble: (reason: string) => void) {
    this.#path = lastUsesPath(dataDir);
    this.#onTrouble = onTrouble;
  }

  /** For the store process alone. A file that cannot be read is told of and begun anew. */
  static async open(dataDir: string, onTrouble: (reason: string) => void): Promise<LastUses> {
    const uses = new LastUses(dataDir, onTrouble);
    try {
      uses.#times = await readLastUses(dataDir);
    } catch (error) {
      onTrouble(`it is not known when tokens were used last: ${String(error)}`);
    }
    return uses;
  }

  /** `known` are the ids of all tokens: others are forgotten. */
  note(id: string, at: number, known: () => readonly string[]): void {
    this.#times.set(id, at);
    this.#isNew = true;
    this.#timer ??= setTimeout(() => void this.keep(known()), LAST_USES_KEEP_MS).unref();
  }

  find(id: string): number | null {
    return this.#times.get(id) ?? null;
  }

  /** Writes down what is new. What cannot be written is told of, and tried again at the next use. */
  async keep(known: readonly string[]): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#isNew) return;
    this.#isNew = false;
    const live = new Set(known);
    this.#times = new Map([...this.#times].filter(([id]) => live.has(id)));
    const text = JSON.stringify({ version: 1, used: Object.fromEntries(this.#times) });
    await writeSecretFile(this.#path, `${text}\n`).catch((error: unknown) => {
      this.#isNew = true;
      this.#onTrouble(`when tokens were used last cannot be written down: ${String(error)}`);
    });
  }
}
