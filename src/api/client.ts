// What a request says of who sent it: headers as they came, and whose address it came from.

import type { FastifyRequest } from 'fastify';
import { canonicalAddress } from '../hit/address.ts';
import type { TrustedProxies } from '../hit/trusted-proxies.ts';

/** Every value of header `name` (in lower case), where Node's `headers` would hide all but the first. */
export function valuesOf({ raw }: FastifyRequest, name: string): string[] {
  const { rawHeaders } = raw;
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name);
}

/**
 * Canonical. Over the unix socket it is what the collector says, which believes in TRUSTED_PROXIES already;
 * null when nothing is said there: a command on this machine. At API_PORT it is the socket's other end, or
 * what that says when it is a trusted proxy.
 */
export function clientAddress(request: FastifyRequest, proxies: TrustedProxies): string | null {
  const remote = request.raw.socket.remoteAddress;
  const said = valuesOf(request, 'x-forwarded-for');
  const forwarded = said.length === 0 ? undefined : said.join(', ');
  if (remote === undefined) return forwarded === undefined ? null : canonicalAddress(forwarded);
  const peer = canonicalAddress(remote);
  if (peer === null || forwarded === undefined || !proxies.has(peer)) return peer;
  return proxies.walk(forwarded) ?? peer;
}
