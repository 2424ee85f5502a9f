// Who is asking, and what they may do: the installation's token, the named ones, and browsers that signed in
// with one of them. Knows nothing of HTTP but what a request brings along.

import type { Config } from '../config/config.ts';
import { SESSION_COOKIES_MAX } from '../limits.ts';
import { readBearer, tokenCheck } from '../telemetry/bearer.ts';
import { Attempts } from './attempts.ts';
import { LastUses } from './last-uses.ts';
import { type Scope, SCOPES } from './scope.ts';
import { type Session, Sessions } from './sessions.ts';
import { INSTALLATION } from './token-list.ts';
import { isSecret } from './token-text.ts';
import { Tokens } from './tokens.ts';

export interface Caller {
  /** `open`: nobody has to say who they are (API_AUTH=none). */
  readonly kind: 'token' | 'session' | 'open';
  /** Null when it is open. */
  readonly tokenId: string | null;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** The browser's, when it is one. */
  readonly session: Session | null;
}

/** What a request brings along. */
export interface Credentials {
  /** Every `Authorization` value. */
  readonly authorization: readonly string[];
  /** Every value of our session cookie. */
  readonly cookies: readonly string[];
  /** Canonical; null for a command on this machine, which came in by a socket that only we can open. */
  readonly address: string | null;
}

/** Why somebody is turned away: they may have said who they are wrongly, or too often. */
export type Denial =
  | { readonly reason: 'missing' | 'malformed' | 'wrong' | 'no-session' | 'no-link' }
  | { readonly reason: 'limited'; readonly waitMs: number };

interface AccessParts {
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  readonly uses: LastUses;
  readonly apiToken: string;
  /** Whether an operator thought the API_TOKEN up, so that it might be tried out. */
  readonly isGuessable: boolean;
  readonly isOpen: boolean;
}

const EVERYBODY: Caller = {
  kind: 'open',
  tokenId: null,
  name: 'everybody',
  scopes: SCOPES,
  session: null,
};
const OF_INSTALLATION = { id: INSTALLATION, name: INSTALLATION, scopes: SCOPES };

type Bearer = Pick<Caller, 'name' | 'scopes'> & { readonly id: string };

export class Access {
  readonly tokens: Tokens;
  readonly uses: LastUses;
  readonly attempts = new Attempts();
  readonly #sessions: Sessions;
  readonly #isInstallation: (given: string) => boolean;
  readonly #isGuessable: boolean;
  readonly #isOpen: boolean;

  constructor(parts: AccessParts) {
    this.tokens = parts.tokens;
    this.uses = parts.uses;
    this.#sessions = parts.sessions;
    this.#isInstallation = tokenCheck(parts.apiToken);
    this.#isGuessable = parts.isGuessable;
    this.#isOpen = parts.isOpen;
  }

  /** For the store process alone; damaged files are told to `onTrouble` and open nothing. */
  static async open(
    config: Pick<Config, 'dataDir' | 'apiToken' | 'apiAuth'>,
    apiToken: string,
    onTrouble: (reason: string) => void,
  ): Promise<Access> {
    const { dataDir } = config;
    const tokens = await Tokens.open(dataDir, onTrouble);
    const isLive = (id: string): boolean => tokens.byId(id) !== null;
    return new Access({
      tokens,
      sessions: await Sessions.open(dataDir, apiToken, isLive, onTrouble),
      uses: await LastUses.open(dataDir, onTrouble),
      apiToken,
      isGuessable: config.apiToken !== null,
      isOpen: config.apiAuth === 'none',
    });
  }

  /** Who a request is of. With a token and a cookie at once the token decides, also when it is wrong. */
  identify({ authorization, cookies, address }: Credentials): Caller | Denial {
    if (this.#isOpen) return EVERYBODY;
    if (authorization.length === 0) return this.#ofCookies(cookies);
    const bearer = readBearer(authorization);
    if (typeof bearer === 'string') return { reason: bearer };
    const found = this.#find(bearer.token, address);
    if ('reason' in found) return found;
    this.#noteUse(found.id);
    const { id, name, scopes } = found;
    return { kind: 'token', tokenId: id, name, scopes, session: null };
  }

  /**
   * Signs a browser in with a token or a sign-in link, in the place of `former`. `secret` is for its cookie.
   * Rejects with errno errors when it cannot be kept.
   */
  async signIn(
    text: string,
    address: string | null,
    former: Session | null,
  ): Promise<{ readonly caller: Caller; readonly secret: string } | Denial> {
    const found = isSecret('link', text)
      ? await this.#useLink(text, address)
      : this.#find(text, address);
    if ('reason' in found) return found;
    const { session, secret } = await this.#sessions.begin(found.id, former, Date.now());
    this.#noteUse(found.id);
    return { caller: callerOf(found, session), secret };
  }

  /** Durable once this resolves. */
  async signOut(session: Session): Promise<void> {
    await this.#sessions.end(session, Date.now());
  }

  /** Whether somebody still is who they were: no token was revoked meanwhile, no session has ended. */
  holds({ tokenId, session }: Caller): boolean {
    if (session !== null) return this.#sessions.holds(session, Date.now());
    return tokenId === null || tokenId === INSTALLATION || this.tokens.byId(tokenId) !== null;
  }

  /** Those of a request's cookies that are sessions, each once. */
  sessionsOf(cookies: readonly string[]): readonly Session[] {
    const now = Date.now();
    const found = cookies
      .slice(0, SESSION_COOKIES_MAX)
      .map((cookie) => this.#sessions.find(cookie, now))
      .filter((session) => session !== null);
    return [...new Set(found)];
  }

  /** Writes down what is only in memory. */
  async close(): Promise<void> {
    this.tokens.close();
    await this.uses.keep(this.#ids());
  }

  /** A site next door can give a browser further cookies: of several that are sessions, none is believed. */
  #ofCookies(cookies: readonly string[]): Caller | Denial {
    if (cookies.length === 0) return { reason: 'missing' };
    const [session, ...others] = this.sessionsOf(cookies);
    if (session === undefined || others.length > 0) return { reason: 'no-session' };
    const { tokenId } = session;
    const token = tokenId === INSTALLATION ? OF_INSTALLATION : this.tokens.byId(tokenId);
    if (token === null) return { reason: 'no-session' };
    this.#noteUse(tokenId);
    return callerOf(token, session);
  }

  /**
   * What 256 random bits are right is looked up at any time, since nobody finds such a token by trying: so a
   * neighbour's wrong ones never lock it out. Only a token that an operator thought up has to wait.
   */
  #find(given: string, address: string | null): Bearer | Denial {
    const token = this.tokens.find(given);
    if (token !== null) return token;
    const waitMs = address === null ? 0 : this.attempts.wait(address, performance.now());
    const isTried = waitMs === 0 || !this.#isGuessable;
    return isTried && this.#isInstallation(given) ? OF_INSTALLATION : this.#fail(address, 'wrong');
  }

  async #useLink(text: string, address: string | null): Promise<Bearer | Denial> {
    const isUsed = await this.tokens.useLink(text);
    return isUsed ? OF_INSTALLATION : this.#fail(address, 'no-link');
  }

  /** Counts a wrong one, unless there were too many already: nobody is refused for longer by trying on. */
  #fail(address: string | null, reason: 'wrong' | 'no-link'): Denial {
    const now = performance.now();
    const waitMs = address === null ? 0 : this.attempts.wait(address, now);
    if (waitMs > 0) return { reason: 'limited', waitMs };
    if (address !== null) this.attempts.fail(address, now);
    return { reason };
  }

  #noteUse(id: string): void {
    this.uses.note(id, Date.now(), () => this.#ids());
  }

  #ids(): string[] {
    return [INSTALLATION, ...this.tokens.all.map(({ id }) => id)];
  }
}

function callerOf({ id, name, scopes }: Bearer, session: Session): Caller {
  return { kind: 'session', tokenId: id, name, scopes, session };
}
