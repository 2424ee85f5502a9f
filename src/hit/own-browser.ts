// Proof that a browser belongs to the operator: a signed text with an expiry, as a link that is followed once
// and as the cookie that the browser then sends with every look of its own.

import { timingSafeEqual } from 'node:crypto';
import { Hmac } from './hmac.ts';

/** The cookie's name. */
export const OWN_COOKIE = 'truepixel_own';

/** A link is no cookie: who sees one in a log or a mail cannot use it as the other. */
export type OwnPurpose = 'link' | 'cookie';

/** `<expiry>.<HMAC-SHA256 in base64url>`. */
const FORM = /^(\d{1,12})\.([\w-]{43})$/;

/** `secret` is the codes' secret; `expiresAt` in seconds since 1970. Fit for a URL and a cookie. */
export function signOwn(secret: Uint8Array, purpose: OwnPurpose, expiresAt: number): string {
  return `${expiresAt}.${macOf(secret, purpose, String(expiresAt)).toString('base64url')}`;
}

/** Whether {@link signOwn} made `text` for that purpose, and `now` (seconds since 1970) is before its end. */
export function checkOwn(
  secret: Uint8Array,
  purpose: OwnPurpose,
  text: string,
  now: number,
): boolean {
  const [, expiresAt, mac = ''] = FORM.exec(text) ?? [];
  if (expiresAt === undefined || Number(expiresAt) <= now) return false;
  const given = Buffer.from(mac, 'base64url');
  const right = macOf(secret, purpose, expiresAt);
  return given.length === right.length && timingSafeEqual(given, right);
}

/** The blanks keep these texts apart from those that codes are made of. */
function macOf(secret: Uint8Array, purpose: OwnPurpose, expiresAt: string): Buffer {
  return new Hmac(secret).digest(`own browser ${purpose} ${expiresAt}`);
}
