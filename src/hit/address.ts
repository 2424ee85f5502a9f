// A client's address in one canonical form, and what the operator's policy leaves of it. The policy is
// applied in the collector, before anything reaches the disk.

import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { IpPolicy } from '../config/config.ts';

/** What `truncate` keeps, as the French and German authorities advise: a /24, and a /48. */
const IPV6_GROUPS_KEPT = 3;

/**
 * The address in `text` as RFC 5952 writes it, or null when there is none. Takes what sockets and
 * X-Forwarded-For hold: `1.2.3.4`, `1.2.3.4:567`, `[2001:db8::1]:567`, `fe80::1%eth0`, `::ffff:1.2.3.4`
 * (IPv4). Odd spellings of IPv4 (`127.1`, `0x7f.0.0.1`) are no address.
 */
export function canonicalAddress(text: string): string | null {
  const bare = withoutPort(text.trim());
  if (isIPv4(bare)) return bare;
  if (!isIPv6(bare)) return null;
  const zone = bare.indexOf('%');
  const parsed = ipaddr.IPv6.parse(zone < 0 ? bare : bare.slice(0, zone));
  return parsed.isIPv4MappedAddress()
    ? parsed.toIPv4Address().toString()
    : parsed.toRFC5952String();
}

/** What may be kept of a canonical address: all, its network (/24 or /48), or the empty string. */
export function applyAddressPolicy(address: string, policy: IpPolicy): string {
  if (policy === 'full' || address === '') return address;
  if (policy === 'none') return '';
  if (isIPv4(address)) return `${address.slice(0, address.lastIndexOf('.'))}.0`;
  const { parts } = ipaddr.IPv6.parse(address);
  return new ipaddr.IPv6(
    parts.map((part, i) => (i < IPV6_GROUPS_KEPT ? part : 0)),
  ).toRFC5952String();
}

function withoutPort(text: string): string {
  if (text.startsWith('[')) {
    const end = text.indexOf(']');
    return /^(:\d{1,5})?$/.test(text.slice(end + 1)) ? text.slice(1, end) : '';
  }
  const colon = text.indexOf(':');
  // One colon is a port behind an IPv4 address; several are an IPv6 address.
  if (colon < 0 || text.includes(':', colon + 1)) return text;
  return /^\d{1,5}$/.test(text.slice(colon + 1)) ? text.slice(0, colon) : '';
}
