// What of a referrer may be kept where a person is not to be known by it: queries and fragments carry names
// and tokens, user information carries passwords.

const FORM = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#\\]+)([^?#;]*)/i;
/** Whatever else stands in a host's place is no host, and may be anybody's name. */
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

export interface Referrer {
  /** `https://site.example:8443`, without user information. */
  readonly origin: string;
  /** The origin with its path, without parameters, query and fragment. */
  readonly page: string;
  /** The host with its port, in lower case. */
  readonly site: string;
}

/** Null when it is no absolute URL with a host: nobody knows what else it may hold. */
export function readReferrer(text: string): Referrer | null {
  const [, scheme, authority = '', path = ''] = FORM.exec(text) ?? [];
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  if (scheme === undefined || !HOST.test(host)) return null;
  const origin = scheme + host;
  return { origin, page: origin + path, site: host.toLowerCase() };
}
