// Whether a browser's request comes from a page of this server. A browser sends our cookie along without
// being asked, so whatever a session changes needs proof of it (CSRF); SameSite=Strict alone would believe
// every page of a sister domain.

import type { FastifyRequest } from 'fastify';

/** What browsers say of where a request comes from; `silent` is no browser, or one over plain http. */
export type Provenance = 'own' | 'foreign' | 'silent';

/** `publicOrigin` is BASE_URL's: a proxy may change the Host that we see, but not what the browser saw. */
export function provenanceOf({ raw }: FastifyRequest, publicOrigin: string | null): Provenance {
  const { headers } = raw;
  // Only browsers can set it, and pages cannot change it (Fetch Metadata). `none`: by hand, from no page.
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none' ? 'own' : 'foreign';
  const { origin } = headers;
  if (origin === undefined) return 'silent';
  return isOwn(origin, [publicOrigin, ...hostsOf(headers)]) ? 'own' : 'foreign';
}

function hostsOf(headers: FastifyRequest['raw']['headers']): string[] {
  const hosts = [headers.host, headers['x-forwarded-host']];
  return hosts
    .filter((host) => typeof host === 'string')
    .flatMap((host) => [`http://${host}`, `https://${host}`].map((url) => url.toLowerCase()));
}

/** Ports that are a scheme's own stand in a Host now and then, and in an Origin never. */
function isOwn(origin: string, own: readonly (string | null)[]): boolean {
  return own.some((url) => url !== null && URL.canParse(url) && new URL(url).origin === origin);
}
