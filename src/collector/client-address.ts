// Whose address a hit is kept with. A peer is believed about others only if it is a trusted proxy; the
// address policy is applied here, so that what it takes away never gets any further.

import type { Config } from '../config/config.ts';
import { applyAddressPolicy, canonicalAddress } from '../hit/address.ts';
import { TrustedProxies } from '../hit/trusted-proxies.ts';
import { ADDRESS_CACHE_ENTRIES_MAX } from '../limits.ts';
import { Recent } from './recent.ts';
import { ABSENT, type PixelRequest } from './request.ts';

/** Whose hit it is. */
export interface Client {
  /** Canonical, before the policy. */
  readonly address: string;
  /** What of `address` may be kept, as bytes for the journal; empty by the policy `none`. */
  readonly kept: Buffer;
}

/** The other end of a connection, worked out once for all that come from there. */
export interface Peer extends Client {
  readonly trusted: boolean;
}

/** Longer values of X-Forwarded-For are walked each time, so that the cache's bytes have a bound too. */
const CACHED_FORWARDED_BYTES_MAX = 128;

export class ClientAddresses {
  readonly #proxies: TrustedProxies;
  readonly #policy: Config['ipPolicy'];
  /** By the value of X-Forwarded-For; the peers that sent it are all trusted, so they do not differ. */
  readonly #clients = new Recent<Client>(ADDRESS_CACHE_ENTRIES_MAX);

  /** By what a socket calls its other end. */
  readonly #peers = new Recent<Peer>(ADDRESS_CACHE_ENTRIES_MAX);

  /** `trustedProxies` are networks such as `10.0.0.0/8`, as the option table has checked them. */
  constructor(config: Pick<Config, 'trustedProxies' | 'ipPolicy'>) {
    this.#policy = config.ipPolicy;
    this.#proxies = new TrustedProxies(config.trustedProxies);
  }

  /** `remote` is a socket's `remoteAddress`. Null when the connection is gone already. */
  peer(remote: string | undefined): Peer | null {
    if (remote === undefined) return null;
    const known = this.#peers.get(remote);
    if (known !== undefined) return known;
    const address = canonicalAddress(remote);
    if (address === null) return null;
    const peer = { address, trusted: this.#proxies.has(address), kept: this.#keep(address) };
    this.#peers.set(remote, peer);
    return peer;
  }

  /** Who sent the request that came over this connection. */
  of(peer: Peer, request: PixelRequest): Client {
    if (!peer.trusted || request.forwardedStart === ABSENT) return peer;
    const { bytes, forwardedStart, forwardedEnd } = request;
    const forwarded = bytes.toString('latin1', forwardedStart, forwardedEnd);
    const known = this.#clients.get(forwarded);
    if (known !== undefined) return known;
    const address = this.#proxies.walk(forwarded);
    // Nothing believable stands in it: the peer itself, which differs from connection to connection.
    if (address === null) return peer;
    const client = { address, kept: this.#keep(address) };
    if (forwarded.length <= CACHED_FORWARDED_BYTES_MAX) this.#clients.set(forwarded, client);
    return client;
  }

  /** The client's whole address, for requests that are no hits. */
  client(peer: Peer, forwarded: string | undefined): string {
    if (!peer.trusted || forwarded === undefined) return peer.address;
    return this.#proxies.walk(forwarded) ?? peer.address;
  }

  #keep(address: string): Buffer {
    const kept = applyAddressPolicy(address, this.#policy);
    // Not of Node's pool: a cached piece would hold on to all of the slab that it was cut from.
    const bytes = Buffer.allocUnsafeSlow(kept.length);
    bytes.write(kept, 'latin1');
    return bytes;
  }
}
