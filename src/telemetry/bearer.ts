// Bearer tokens on the wire (RFC 6750), and the one token that every process knows: the installation's own.
// It lies this low because collectors guard their `/metrics` by it. Named tokens, their scopes and sessions
// are the store process's affair (access/), which reads them off the wire by the same rules.

import { createHash, timingSafeEqual } from 'node:crypto';

/** Why a request was refused: no credentials, not one well-formed bearer token, or not ours. */
export type BearerVerdict = 'right' | 'missing' | 'malformed' | 'wrong';

const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();

/**
 * The token in a request's `Authorization` values (none, one, or several, as in
 * `headersDistinct.authorization`), as Node gives them: one character per byte.
 */
export function readBearer(
  authorization: readonly string[] = [],
): { readonly token: string } | 'missing' | 'malformed' {
  const [value, ...others] = authorization;
  if (value === undefined) return 'missing';
  const token = others.length === 0 ? /^bearer +([^ ]+) *$/i.exec(value)?.[1] : undefined;
  return token === undefined ? 'malformed' : { token };
}

/** Whether what was sent, one character per byte, is `token`. */
export function tokenCheck(token: string): (given: string) => boolean {
  const expected = sha256(Buffer.from(token, 'utf8'));
  // Digests have one length whatever was sent, and their comparison takes one time.
  return (given) => timingSafeEqual(sha256(Buffer.from(given, 'latin1')), expected);
}

/** A check of a request's `Authorization` values against `token`. */
export function bearerCheck(
  token: string,
): (authorization: readonly string[] | undefined) => BearerVerdict {
  const isRight = tokenCheck(token);
  return (authorization) => {
    const bearer = readBearer(authorization);
    if (typeof bearer === 'string') return bearer;
    return isRight(bearer.token) ? 'right' : 'wrong';
  };
}

/** The `WWW-Authenticate` value of a 401; a token that was sent and is not ours is named as such. */
export function bearerChallenge(verdict: Exclude<BearerVerdict, 'right'>): string {
  const realm = 'Bearer realm="truepixel"';
  return verdict === 'missing' ? realm : `${realm}, error="invalid_token"`;
}
