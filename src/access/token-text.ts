// What a token looks like, and all that is kept of it. 256 random bits cannot be guessed or tried out, so one
// round of SHA-256 hides them as well as a slow hash hides a password, and a lookup by digest tells a
// stranger who measures it nothing: nobody can choose what the digest of a guess begins with.

import { hash, randomBytes } from 'node:crypto';

/** Letters and digits only: a double click takes the whole, and no shell or URL minds. */
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const RANDOM_BYTES = 32;
/** 62^43 is just above 2^256. */
const RANDOM_DIGITS = 43;

/** `token` is named and has scopes; `link` signs a browser in once; `session` is that browser's cookie. */
export type SecretKind = 'token' | 'link' | 'session';

/** So that a person, and whoever looks for secrets in files, knows what it is. */
const PREFIXES: Readonly<Record<SecretKind, string>> = {
  token: 'tp_',
  link: 'tpl_',
  session: 'tps_',
};
const FORM = /^(tp[ls]?_)[0-9A-Za-z]{43}$/;

/** A new one. It is shown to its owner and never kept. */
export function newSecret(kind: SecretKind): string {
  let rest = BigInt(`0x${randomBytes(RANDOM_BYTES).toString('hex')}`);
  let digits = '';
  for (let i = 0; i < RANDOM_DIGITS; i++) {
    digits = (DIGITS[Number(rest % 62n)] ?? '') + digits;
    rest /= 62n;
  }
  return PREFIXES[kind] + digits;
}

/** Whether `text` is of the form that {@link newSecret} gives. */
export function isSecret(kind: SecretKind, text: string): boolean {
  return FORM.exec(text)?.[1] === PREFIXES[kind];
}

/** What is kept of it: SHA-256, as base64url. */
export const digestOf = (secret: string): string => hash('sha256', secret, 'base64url');

/** How {@link digestOf} looks in a file. */
export const DIGEST_FORM = /^[\w-]{43}$/;
