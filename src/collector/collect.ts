// The hot path behind both lanes: a request for a tracking image becomes a hit that the journal keeps, or a
// named refusal. Nothing here waits; the journal tells the waiter when the hit is durable.

import { RecordEncoder } from '../hit/encoding.ts';
import type { JournalWriter, Waiter } from '../journal/journal.ts';
import type { Admission, ImageOutcome } from './admission.ts';
import type { ClientAddresses, Peer } from './client-address.ts';
import type { Discretion } from './discretion.ts';
import type { OwnBrowsers } from './own-browsers.ts';
import { beginHit, encodeWhole } from './record.ts';
import { ABSENT, type PixelRequest } from './request.ts';

interface CollectParts {
  readonly admission: Admission;
  readonly addresses: ClientAddresses;
  readonly journal: Pick<JournalWriter, 'append'>;
  readonly ownBrowsers: Pick<OwnBrowsers, 'has'>;
  readonly discretion: Discretion;
  /** Whether hits of the mode `individual` are kept as they came. */
  readonly keepsAll: boolean;
}

export class Collect {
  readonly #admission: Admission;
  readonly #addresses: ClientAddresses;
  readonly #journal: CollectParts['journal'];
  readonly #ownBrowsers: CollectParts['ownBrowsers'];
  readonly #discretion: Discretion;
  readonly #keepsAll: boolean;
  readonly #encoder = new RecordEncoder();

  constructor(parts: CollectParts) {
    this.#admission = parts.admission;
    this.#addresses = parts.addresses;
    this.#journal = parts.journal;
    this.#ownBrowsers = parts.ownBrowsers;
    this.#discretion = parts.discretion;
    this.#keepsAll = parts.keepsAll;
  }

  /**
   * Admits the request and hands its hit to the journal. Null: `waiter` will be told once whether it was
   * kept; else what became of it, and `waiter` is told nothing. The request may be used again at once.
   */
  take(request: PixelRequest, peer: Peer, waiter: Waiter): ImageOutcome | null {
    const mode = this.#admission.admit(request);
    if (mode !== 'individual' && mode !== 'aggregate') return mode;
    const encoder = this.#encoder;
    beginHit(encoder, request);
    if (mode === 'individual' && this.#keepsAll) {
      encodeWhole(encoder, request, this.#addresses.of(peer, request).kept);
    } else this.#discretion.encode(encoder, request, peer, mode);
    if (request.cookieStart !== ABSENT && this.#ownBrowsers.has(request)) encoder.ownBrowser();
    const appended = this.#journal.append(encoder.bytes, encoder.end(), waiter);
    return appended === 'queued' ? null : appended;
  }
}
