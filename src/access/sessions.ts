// Browsers that are signed in. A session is a random text that only its browser knows and whose digest stands
// in a file, so that a restart of the store process signs nobody out and whoever reads the file is not signed
// in. It is worth what its token is worth at the moment: a token that is revoked ends its sessions with it.
//
// {"version": 1, "salt", "seal", "sessions": [{"digest", "token", "created_at", "expires_at"}]}, oldest first
//
// `seal` says of which installation's token the sessions are that have no named one, so that another
// API_TOKEN ends them. It is a slow hash, since an operator's own API_TOKEN may be one to be tried out.

import { randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';
import { sessionsPath } from '../config/paths.ts';
import { SESSION_SECONDS, SESSIONS_PER_TOKEN_MAX } from '../limits.ts';
import { readSecretFile, writeSecretFile } from './secret-file.ts';
import { INSTALLATION } from './token-list.ts';
import { DIGEST_FORM, digestOf, isSecret, newSecret } from './token-text.ts';

const SALT_BYTES = 16;
const SEAL_BYTES = 32;

const Base64 = z.string().regex(/^[\w-]+$/);
const SessionsText = z.strictObject({
  version: z.literal(1),
  salt: Base64,
  seal: Base64,
  sessions: z.array(
    z.strictObject({
      digest: z.string().regex(DIGEST_FORM),
      token: z.string(),
      created_at: z.iso.datetime(),
      expires_at: z.iso.datetime(),
    }),
  ),
});

export interface Session {
  readonly digest: string;
  /** The id of its token. */
  readonly tokenId: string;
  readonly createdAt: number;
  /** In milliseconds since 1970. */
  readonly endsAt: number;
}

interface Seal {
  readonly salt: string;
  readonly seal: string;
}

export class Sessions {
  readonly #path: string;
  readonly #apiToken: string;
  readonly #isLive: (tokenId: string) => boolean;
  /** Oldest first. */
  #byDigest = new Map<string, Session>();
  #sealing: Promise<Seal> | null = null;
  #writing: Promise<void> = Promise.resolve();

  /** `isLive` says whether there is a token of that id; the installation's own always is. */
  constructor(dataDir: string, apiToken: string, isLive: (tokenId: string) => boolean) {
    this.#path = sessionsPath(dataDir);
    this.#apiToken = apiToken;
    this.#isLive = isLive;
  }

  /** For the store process alone. A file that is damaged is told of, and nobody is signed in. */
  static async open(
    dataDir: string,
    apiToken: string,
    isLive: (tokenId: string) => boolean,
    onTrouble: (reason: string) => void,
  ): Promise<Sessions> {
    const sessions = new Sessions(dataDir, apiToken, isLive);
    try {
      await sessions.#load();
    } catch (error) {
      // What is wrong in detail would quote the file.
      const reason = error instanceof z.ZodError ? 'it is damaged' : String(error);
      onTrouble(`everybody is signed out: ${sessions.#path} cannot be used: ${reason}`);
    }
    return sessions;
  }

  /** The session of a cookie's value; null when it has ended or never was one. */
  find(secret: string, now: number): Session | null {
    if (!isSecret('session', secret)) return null;
    const session = this.#byDigest.get(digestOf(secret));
    return session !== undefined && this.holds(session, now) ? session : null;
  }

  /** Whether it has neither ended nor been ended. */
  holds({ digest, tokenId, endsAt }: Session, now: number): boolean {
    const isLive = tokenId === INSTALLATION || this.#isLive(tokenId);
    return this.#byDigest.has(digest) && endsAt > now && isLive;
  }

  /**
   * A new session of a token, durable, in the place of `former` and, past the bound, of the token's oldest.
   * `secret` is for the browser's cookie. Rejects with errno errors, and then there is no new session.
   */
  async begin(
    tokenId: string,
    former: Session | null,
    now: number,
  ): Promise<{ readonly session: Session; readonly secret: string }> {
    const secret = newSecret('session');
    const endsAt = now + SESSION_SECONDS * 1_000;
    const session: Session = { digest: digestOf(secret), tokenId, createdAt: now, endsAt };
    if (former !== null) this.#byDigest.delete(former.digest);
    const own = [...this.#byDigest.values()].filter((one) => one.tokenId === tokenId);
    for (const { digest } of own.slice(0, Math.max(0, own.length + 1 - SESSIONS_PER_TOKEN_MAX))) {
      this.#byDigest.delete(digest);
    }
    this.#byDigest.set(session.digest, session);
    try {
      await this.#keep(now);
    } catch (error) {
      this.#byDigest.delete(session.digest);
      throw error;
    }
    return { session, secret };
  }

  /** It has ended at once, and durably once this resolves. */
  async end(session: Session, now: number): Promise<void> {
    if (this.#byDigest.delete(session.digest)) await this.#keep(now);
  }

  /** Writes down those that hold. One after the other: each writes what holds when its turn comes. */
  #keep(now: number): Promise<void> {
    const written = this.#writing.then(() => this.#write(now));
    this.#writing = written.catch(() => undefined);
    return written;
  }

  async #write(now: number): Promise<void> {
    this.#sealing ??= sealOf(this.#apiToken, randomBytes(SALT_BYTES).toString('base64url'));
    const seal = await this.#sealing;
    for (const [digest, session] of this.#byDigest) {
      if (!this.holds(session, now)) this.#byDigest.delete(digest);
    }
    const sessions = [...this.#byDigest.values()].map(({ digest, tokenId, createdAt, endsAt }) => ({
      digest,
      token: tokenId,
      created_at: new Date(createdAt).toISOString(),
      expires_at: new Date(endsAt).toISOString(),
    }));
    await writeSecretFile(this.#path, `${JSON.stringify({ version: 1, ...seal, sessions })}\n`);
  }

  async #load(): Promise<void> {
    const bytes = await readSecretFile(this.#path);
    if (bytes === null) return;
    const { salt, seal, sessions } = SessionsText.parse(parseJson(bytes.toString()));
    this.#sealing = sealOf(this.#apiToken, salt);
    const isSameToken = (await this.#sealing).seal === seal;
    for (const { digest, token, created_at, expires_at } of sessions) {
      if (token === INSTALLATION && !isSameToken) continue;
      const [createdAt, endsAt] = [Date.parse(created_at), Date.parse(expires_at)];
      this.#byDigest.set(digest, { digest, tokenId: token, createdAt, endsAt });
    }
  }
}

/** Neither secret nor fast: it stands in the file, and comparing it tells a stranger nothing. */
async function sealOf(apiToken: string, salt: string): Promise<Seal> {
  const derive = promisify<string, string, number, Buffer>(scrypt);
  return { salt, seal: (await derive(apiToken, salt, SEAL_BYTES)).toString('base64url') };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
