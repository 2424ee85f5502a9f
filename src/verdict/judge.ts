// The verdict on one hit: headers, agent and networks in the order of precedence. The order is the product
// (docs/verdicts.md); what needs a hit's history is overlay.ts.

import { AgentCache } from './agent-cache.ts';
import type { Countries } from './countries.ts';
import type { AppleNetworks, ScannerNetwork, ScannerNetworks } from './networks/network-files.ts';
import { type Evidence, impersonal, isPerson, type Verdict } from '../hit/verdict.ts';

/** What a verdict looks things up in; each may be replaced by a newer one at any time. */
export interface References {
  readonly apple: AppleNetworks;
  readonly scanners: ScannerNetworks;
  /** Null: no countries. */
  readonly countries: Countries | null;
}

/** `Sec-Purpose: prefetch;prerender`, `Purpose: preview`, `X-Moz: prefetch`. */
const PREFETCH = /\b(?:prefetch|prerender|preview)\b/i;

const PREFETCH_VERDICT = impersonal('prefetch-header', null);
const APPLE_LISTED_VERDICT = impersonal('apple-mpp-listed', 'Apple Mail');

export class Judge {
  readonly #agents = new AgentCache();
  #references: References;

  constructor(references: References) {
    this.#references = references;
  }

  /** From the next verdict on; what was judged before is judged anew by whoever wants that. */
  use(references: References): void {
    this.#references = references;
  }

  judge({ agent, address, purpose }: Evidence): Verdict {
    if (purpose !== null && PREFETCH.test(purpose)) return PREFETCH_VERDICT;
    const { verdict, certain } = this.#agents.judge(agent);
    if (certain) return this.#confirmed(verdict, address);
    const network = this.scannerNetwork(address);
    if (network?.kind === 'scanner') return impersonal('scanner-network', network.name);
    if (!isPerson(verdict.class)) return verdict;
    const country = this.#country(address);
    return country === null ? verdict : { ...verdict, country };
  }

  /** The scanner's network that an address is in; overlay.ts asks for it too. */
  scannerNetwork(address: string): ScannerNetwork | null {
    return this.#references.scanners.find(address);
  }

  /** Apple's agent is enough for the class; its network makes it certain. */
  #confirmed(verdict: Verdict, address: string): Verdict {
    if (verdict.reason !== 'apple-mpp-bare-agent') return verdict;
    return this.#references.apple.find(address) === null ? verdict : APPLE_LISTED_VERDICT;
  }

  /** Behind Apple's relays sit people on Private Relay; Apple says in which country. */
  #country(address: string): string | null {
    if (address === '') return null;
    const { apple, countries } = this.#references;
    return apple.find(address) || (countries?.find(address) ?? null);
  }
}
