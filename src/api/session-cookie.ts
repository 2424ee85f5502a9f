// The cookie of a browser that is signed in: no script reads it, no other site's page sends it, and over
// https no other host and no plain http can set one of its name.

import type { Config } from '../config/config.ts';
import { SESSION_SECONDS } from '../limits.ts';

const NAME = 'truepixel_session';

export interface SessionCookie {
  readonly name: string;
  /** Whether browsers take it over https only (or from this machine itself). */
  readonly isSecure: boolean;
  readonly path: string;
}

/**
 * BASE_URL says how browsers reach the dashboard, unless the API has a port of its own: that is plain http as
 * far as we know, and whoever puts https before it says so by their pages' origin (see {@link setCookie}).
 */
export function sessionCookie({
  baseUrl,
  apiPort,
}: Pick<Config, 'baseUrl' | 'apiPort'>): SessionCookie {
  if (apiPort !== null) return { name: NAME, isSecure: false, path: '/' };
  const { protocol, pathname: path } = new URL(baseUrl);
  if (protocol !== 'https:') return { name: NAME, isSecure: false, path };
  // Browsers enforce the prefixes (RFC 6265bis §4.1.3); __Host- also demands Path=/.
  return { name: `${path === '/' ? '__Host-' : '__Secure-'}${NAME}`, isSecure: true, path };
}

/** `secret` null takes the cookie away. `origin` is that of the page which asked, if it said so. */
export function setCookie(
  cookie: SessionCookie,
  secret: string | null,
  origin: string | undefined,
): string {
  const isSecure = cookie.isSecure || origin?.startsWith('https:') === true;
  const age = secret === null ? 0 : SESSION_SECONDS;
  const lock = `HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
  return `${cookie.name}=${secret ?? ''}; Max-Age=${age}; Path=${cookie.path}; ${lock}`;
}

/** Every value of our cookie; several when somebody else set some too. */
export function readCookies(cookie: SessionCookie, header: string | undefined): string[] {
  return (header ?? '').split(';').flatMap((pair) => {
    const at = pair.indexOf('=');
    return at > 0 && pair.slice(0, at).trim() === cookie.name ? [pair.slice(at + 1).trim()] : [];
  });
}
