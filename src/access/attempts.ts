// How many wrong tokens a network may send: an API_TOKEN that an operator thought up could be tried out
// otherwise. Each network has its own account, so nobody can lock out somebody behind another address.
//
// Accounts have a bound. Where there is no room for a further network and none has recovered, it shares the
// account of others, chosen by a keyed digest that nobody outside can aim with ("shared" below): a flood from
// very many networks may then cost a stranger's first tries, and never lets anybody try without end.

import { randomBytes } from 'node:crypto';
import { isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Hmac } from '../hit/hmac.ts';
import {
  AUTH_FAILURE_FORGOTTEN_MS,
  AUTH_FAILURES_MAX,
  AUTH_NETWORKS_MAX,
  AUTH_NETWORKS_SWEEP_MS,
  AUTH_SHARED_NETWORKS,
} from '../limits.ts';

/** Beyond so far ahead of now, an account is used up. */
const BURST_MS = (AUTH_FAILURES_MAX - 1) * AUTH_FAILURE_FORGOTTEN_MS;
/** An IPv6 network is its first four groups: whoever has one address there usually has all of them. */
const NETWORK_GROUPS = 4;

export class Attempts {
  /** When a network's wrong tokens are forgotten, in milliseconds; each one adds its share. */
  readonly #recoveredAt = new Map<string, number>();
  readonly #aim = new Hmac(randomBytes(32));
  readonly #networksMax: number;
  #sweptAt = -Infinity;

  constructor(networksMax: number = AUTH_NETWORKS_MAX) {
    this.#networksMax = networksMax;
  }

  /** Networks with an account. */
  get networks(): number {
    return this.#recoveredAt.size;
  }

  /** Milliseconds until `address` (canonical) may try again; 0: it may now. `now` never goes back. */
  wait(address: string, now: number): number {
    const recoveredAt = this.#recoveredAt.get(this.#account(networkOf(address), now)) ?? now;
    return Math.max(0, recoveredAt - now - BURST_MS);
  }

  /** A token from `address` was wrong. */
  fail(address: string, now: number): void {
    const account = this.#account(networkOf(address), now);
    const recoveredAt = Math.max(now, this.#recoveredAt.get(account) ?? now);
    // No further than used up: whoever is refused anyway is not refused for longer.
    const full = now + BURST_MS + AUTH_FAILURE_FORGOTTEN_MS;
    this.#recoveredAt.set(account, Math.min(full, recoveredAt + AUTH_FAILURE_FORGOTTEN_MS));
  }

  #account(network: string, now: number): string {
    if (this.#recoveredAt.has(network) || this.#hasRoom(now)) return network;
    const digest = this.#aim.digest(network);
    return `shared ${digest.readUInt32BE(0) % AUTH_SHARED_NETWORKS}`;
  }

  #hasRoom(now: number): boolean {
    if (this.#recoveredAt.size < this.#networksMax) return true;
    // All of them are looked through, so not for every stranger.
    if (now - this.#sweptAt < AUTH_NETWORKS_SWEEP_MS) return false;
    this.#sweptAt = now;
    for (const [network, recoveredAt] of this.#recoveredAt) {
      if (recoveredAt <= now) this.#recoveredAt.delete(network);
    }
    return this.#recoveredAt.size < this.#networksMax;
  }
}

/** An IPv4 address, or the /64 of an IPv6 one. */
function networkOf(address: string): string {
  if (isIPv4(address)) return address;
  return ipaddr.IPv6.parse(address)
    .parts.slice(0, NETWORK_GROUPS)
    .map((part) => part.toString(16))
    .join(':');
}
