// Who may read metrics and the API: whoever sends the installation's token (RFC 6750). It lies this low
// because the collector guards its `/metrics` by it and the API everything else.

import { createHash, timingSafeEqual } from 'node:crypto';

/** Why a request was refused: no credentials, not one well-formed bearer token, or not ours. */
export type BearerVerdict = 'right' | 'missing' | 'malformed' | 'wrong';

const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();

/**
 * A check against `token`. It takes every `Authorization` value of a request (none, one, or several, as in
 * `headersDistinct.authorization`), as Node gives them: one character per byte.
 */
export function bearerCheck(
  token: string,
): (authorization: readonly string[] | undefined) => BearerVerdict {
  const expected = sha256(Buffer.from(token, 'utf8'));
  return (authorization = []) => {
    const [value, ...others] = authorization;
    if (value === undefined) return 'missing';
    const given = others.length === 0 ? /^bearer +([^ ]+) *$/i.exec(value)?.[1] : undefined;
    if (given === undefined) return 'malformed';
    // Digests have one length whatever was sent, and their comparison takes one time.
    return timingSafeEqual(sha256(Buffer.from(given, 'latin1')), expected) ? 'right' : 'wrong';
  };
}

/** The `WWW-Authenticate` value of a 401; a token that was sent and is not ours is named as such. */
export function bearerChallenge(verdict: Exclude<BearerVerdict, 'right'>): string {
  const realm = 'Bearer realm="truepixel"';
  return verdict === 'missing' ? realm : `${realm}, error="invalid_token"`;
}
