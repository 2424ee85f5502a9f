// Recognises the operator's own browsers by the cookie that the ignore link gave them. Only a request that
// has cookies comes here, and of these nothing but this one is looked at.

import { checkOwn, OWN_COOKIE } from '../hit/own-browser.ts';
import { OWN_BROWSERS_MAX } from '../limits.ts';
import { Recent } from './recent.ts';
import type { PixelRequest } from './request.ts';

const START = `${OWN_COOKIE}=`;

export class OwnBrowsers {
  readonly #secret: Uint8Array;
  /** Right values, by when they end (seconds since 1970). */
  readonly #right = new Recent<number>(OWN_BROWSERS_MAX);

  /** `secret` is the codes' secret. */
  constructor(secret: Uint8Array) {
    this.#secret = secret;
  }

  /** Whether the request, which has cookies, is from an own browser. */
  has({ bytes, cookieStart, cookieEnd }: PixelRequest): boolean {
    const cookies = bytes.toString('latin1', cookieStart, cookieEnd);
    if (!cookies.includes(START)) return false;
    const own = cookies.split(';').find((cookie) => cookie.trimStart().startsWith(START));
    return own !== undefined && this.#isRight(own.trim().slice(START.length));
  }

  #isRight(value: string): boolean {
    const now = Date.now() / 1_000;
    const expiresAt = this.#right.get(value);
    if (expiresAt !== undefined) return expiresAt > now;
    if (!checkOwn(this.#secret, 'cookie', value, now)) return false;
    this.#right.set(value, Number.parseInt(value, 10));
    return true;
  }
}
