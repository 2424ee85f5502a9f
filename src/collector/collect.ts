// The hot path behind both lanes: a request for a tracking image becomes a hit that the journal keeps, or a
// named refusal. Nothing here waits; the journal tells the waiter when the hit is durable.

import { nowMicros } from '../hit/clock.ts';
import { FieldTag, RecordEncoder } from '../hit/encoding.ts';
import type { JournalWriter, Waiter } from '../journal/journal.ts';
import type { Admission, ImageOutcome } from './admission.ts';
import type { ClientAddresses, Peer } from './client-address.ts';
import { ABSENT, type PixelRequest } from './request.ts';

export class Collect {
  readonly #admission: Admission;
  readonly #addresses: ClientAddresses;
  readonly #journal: Pick<JournalWriter, 'append'>;
  readonly #encoder = new RecordEncoder();

  constructor(
    admission: Admission,
    addresses: ClientAddresses,
    journal: Pick<JournalWriter, 'append'>,
  ) {
    this.#admission = admission;
    this.#addresses = addresses;
    this.#journal = journal;
  }

  /**
   * Admits the request and hands its hit to the journal. Null: `waiter` will be told once whether it was
   * kept; else what became of it, and `waiter` is told nothing. The request may be used again at once.
   */
  take(request: PixelRequest, peer: Peer, waiter: Waiter): ImageOutcome | null {
    const refusal = this.#admission.refusal(request);
    if (refusal !== null) return refusal;
    const length = this.#encode(request, this.#addresses.kept(peer, request));
    const appended = this.#journal.append(this.#encoder.bytes, length, waiter);
    return appended === 'queued' ? null : appended;
  }

  #encode(request: PixelRequest, address: Buffer): number {
    const encoder = this.#encoder;
    const { bytes } = request;
    encoder.begin(request.kind, nowMicros());
    if (request.kind === 'open') {
      encoder.field(FieldTag.CODE, bytes, request.codeStart, request.codeEnd);
    }
    if (address.length > 0) encoder.field(FieldTag.ADDRESS, address, 0, address.length);
    if (request.referrerStart !== ABSENT) {
      encoder.field(FieldTag.REFERRER, bytes, request.referrerStart, request.referrerEnd);
    }
    if (request.agentStart !== ABSENT) {
      encoder.field(FieldTag.AGENT, bytes, request.agentStart, request.agentEnd);
    }
    if (request.purposeStart !== ABSENT) {
      encoder.field(FieldTag.PURPOSE, bytes, request.purposeStart, request.purposeEnd);
    }
    return encoder.end();
  }
}
