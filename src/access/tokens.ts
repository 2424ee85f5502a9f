// The named tokens of an installation. They live in a file (token-list.ts), so that commands make and revoke
// them while the store process runs and while it does not; the store process knows within a second.

import { randomBytes } from 'node:crypto';
import { Failure } from '../config/failure.ts';
import { tokensPath } from '../config/paths.ts';
import { PolledFile } from '../hit/polled-file.ts';
import { SIGN_IN_LINK_SECONDS, TOKENS_POLL_MS } from '../limits.ts';
import type { Scope } from './scope.ts';
import { changeSecretFile, readSecretFile } from './secret-file.ts';
import {
  formatTokenList,
  parseTokenList,
  type TokenList,
  type TokenRow,
  withLink,
  withoutLink,
  withoutToken,
  withToken,
} from './token-list.ts';
import { digestOf, isSecret, newSecret } from './token-text.ts';

export interface Token {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** In milliseconds since 1970. */
  readonly createdAt: number;
}

const NOBODY = parseTokenList(null);

export class Tokens {
  readonly #path: string;
  #file: PolledFile | null = null;
  #byDigest = new Map<string, Token>();
  #byId = new Map<string, Token>();
  /** Digests of sign-in links, used up or not by the time that somebody comes with one. */
  #links: ReadonlySet<string> = new Set();

  constructor(dataDir: string) {
    this.#path = tokensPath(dataDir);
  }

  /**
   * Reads the file and goes on looking for newer ones until {@link close}. One that is damaged or not ours is
   * told to `onTrouble`, and nobody has a named token until it is mended: what was in force before may be
   * just what somebody has revoked.
   */
  static async open(dataDir: string, onTrouble: (reason: string) => void): Promise<Tokens> {
    const tokens = new Tokens(dataDir);
    tokens.#file = await PolledFile.open({
      path: tokens.#path,
      pollMs: TOKENS_POLL_MS,
      read: readSecretFile,
      take: (bytes) => tokens.#take(parseTokenList(bytes?.toString() ?? null)),
      onTrouble: (reason) => {
        tokens.#take(NOBODY);
        onTrouble(`no named token is valid: ${reason}`);
      },
    });
    return tokens;
  }

  /** In the order in which they were made. */
  get all(): readonly Token[] {
    return [...this.#byId.values()];
  }

  find(text: string): Token | null {
    return isSecret('token', text) ? (this.#byDigest.get(digestOf(text)) ?? null) : null;
  }

  byId(id: string): Token | null {
    return this.#byId.get(id) ?? null;
  }

  /** Looks at the file at once. Throws {@link Failure} when it is damaged. */
  async refresh(): Promise<void> {
    if (this.#file !== null) await this.#file.refresh();
    else this.#take(this.#parse((await readSecretFile(this.#path))?.toString() ?? null));
  }

  /** A new one, durable, with its text, which nobody can read again; or why there can be none. */
  async create(
    name: string,
    scopes: readonly Scope[],
  ): Promise<{ readonly token: Token; readonly text: string } | 'name-taken' | 'too-many'> {
    const text = newSecret('token');
    const row: TokenRow = {
      id: randomBytes(8).toString('hex'),
      name,
      scopes: [...scopes],
      digest: digestOf(text),
      created_at: new Date().toISOString(),
    };
    const refusal = await this.#change((list) => withToken(list, row));
    return refusal ?? { token: tokenOf(row), text };
  }

  /** Durable once this resolves. False when there is none of that id. */
  async revoke(id: string): Promise<boolean> {
    return (await this.#change((list) => withoutToken(list, id) ?? 'unknown')) === null;
  }

  /** The text of a new sign-in link, which holds until then or until it is used. */
  async createLink(): Promise<{ readonly text: string; readonly endsAt: number }> {
    const text = newSecret('link');
    const now = Date.now();
    const endsAt = now + SIGN_IN_LINK_SECONDS * 1_000;
    await this.#change((list) => withLink(list, digestOf(text), now, endsAt));
    return { text, endsAt };
  }

  /** Uses a link up, durably; false when it was none that is still good. */
  async useLink(text: string): Promise<boolean> {
    if (!isSecret('link', text)) return false;
    const digest = digestOf(text);
    // It may have been made a moment ago. Who only guesses is not worth more than a look.
    if (!this.#links.has(digest)) await this.refresh();
    if (!this.#links.has(digest)) return false;
    const refusal = await this.#change(
      (list) => withoutLink(list, digest, Date.now()) ?? 'unknown',
    );
    return refusal === null;
  }

  close(): void {
    this.#file?.close();
  }

  /** Null when the list was changed, else why not. Throws {@link Failure} and errno errors. */
  async #change<Refusal extends string>(
    change: (list: TokenList) => TokenList | Refusal,
  ): Promise<Refusal | null> {
    let refusal: Refusal | null = null;
    const text = await changeSecretFile(this.#path, (before) => {
      const after = change(this.#parse(before));
      if (typeof after !== 'string') return formatTokenList(after);
      refusal = after;
      return null;
    });
    if (this.#file === null) this.#take(this.#parse(text));
    else await this.#file.refresh();
    return refusal;
  }

  #parse(text: string | null): TokenList {
    try {
      return parseTokenList(text);
    } catch (error) {
      throw new Failure(
        `${this.#path} is damaged: restore it from a backup, or remove it, which revokes all named tokens`,
        undefined,
        { cause: error },
      );
    }
  }

  #take(list: TokenList): void {
    const tokens = list.tokens.map((row) => [row.digest, tokenOf(row)] as const);
    this.#byDigest = new Map(tokens);
    this.#byId = new Map(tokens.map(([, token]) => [token.id, token]));
    this.#links = new Set(list.links.map(({ digest }) => digest));
  }
}

function tokenOf({ id, name, scopes, created_at }: TokenRow): Token {
  return { id, name, scopes, createdAt: Date.parse(created_at) };
}
