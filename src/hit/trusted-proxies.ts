// Whose word about a client's address is believed: TRUSTED_PROXIES. The collector asks for every hit, the API
// for who tries tokens at a port of its own.

import { BlockList, isIPv4 } from 'node:net';
import { canonicalAddress } from './address.ts';

export class TrustedProxies {
  readonly #networks = new BlockList();

  /** Networks such as `10.0.0.0/8`, as the option table has checked them. */
  constructor(networks: readonly string[]) {
    for (const network of networks) {
      const [address = '', prefix = ''] = network.split('/');
      this.#networks.addSubnet(address, Number(prefix), isIPv4(address) ? 'ipv4' : 'ipv6');
    }
  }

  /** `address` is canonical. */
  has(address: string): boolean {
    return this.#networks.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
  }

  /**
   * The client in a value of X-Forwarded-For that a trusted proxy sent. Right to left, each entry vouched for
   * by the trusted one behind it: the first that is not trusted is the client. What is no address ends the
   * walk at the last that was one; null when there was none.
   */
  walk(forwarded: string): string | null {
    let client: string | null = null;
    for (let end = forwarded.length; end >= 0;) {
      const comma = end === 0 ? -1 : forwarded.lastIndexOf(',', end - 1);
      const address = canonicalAddress(forwarded.slice(comma + 1, end));
      if (address === null) return client;
      client = address;
      if (!this.has(address)) return client;
      end = comma;
    }
    return client;
  }
}
