// Which headers pass between client and store process. Those of one connection only stay behind, the
// framing of the body is said anew, and who the client is, is ours to say.

import type { IncomingMessage } from 'node:http';
import type { Peer } from './client-address.ts';

/** Of one connection only (RFC 9110 §7.6.1), with those that used to be. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Said anew: a client's own word on them would be believed otherwise, or drop out by a Connection header. */
const OURS: ReadonlySet<string> = new Set([
  'content-length',
  'forwarded',
  'host',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
]);

/** Names and values in turn. `client` is the address that we believe in, which becomes X-Forwarded-For. */
export function forwardedRequestHeaders(
  message: IncomingMessage,
  client: string,
  peer: Peer,
): string[] {
  const { headers } = message;
  const headersPassed = passing(message, OURS);
  const host = headers.host ?? '';
  headersPassed.push('Host', host, 'Connection', 'keep-alive');
  headersPassed.push(
    'X-Forwarded-For',
    client,
    'X-Forwarded-Proto',
    said(peer, headers['x-forwarded-proto']) ?? 'http',
    'X-Forwarded-Host',
    said(peer, headers['x-forwarded-host']) ?? host,
  );
  const length = headers['content-length'];
  if (headers['transfer-encoding'] !== undefined) {
    headersPassed.push('Transfer-Encoding', 'chunked');
  } else if (length !== undefined) headersPassed.push('Content-Length', length);
  return headersPassed;
}

/** Names and values in turn; how the body ends is between Node and the client. */
export function forwardedResponseHeaders(answer: IncomingMessage): string[] {
  return passing(answer, new Set());
}

function said(peer: Peer, value: string | string[] | undefined): string | undefined {
  return peer.trusted && typeof value === 'string' ? value : undefined;
}

function passing(message: IncomingMessage, without: ReadonlySet<string>): string[] {
  const { rawHeaders, headers } = message;
  const named = (headers.connection ?? '').toLowerCase().split(',');
  const dropped = new Set(named.map((name) => name.trim()));
  const passed: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    const lower = name.toLowerCase();
    // Without its length an answer would lose its end; that header is never a connection's own.
    const isDropped = dropped.has(lower) && lower !== 'content-length';
    if (!isDropped && !HOP_BY_HOP.has(lower) && !without.has(lower)) {
      passed.push(name, rawHeaders[i + 1] ?? '');
    }
  }
  return passed;
}
