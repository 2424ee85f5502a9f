// What is kept of a hit where not everything may be kept. Whatever is needed of the address and the agent is
// worked out here, and they go no further: no journal, no store and no log ever sees them
// (docs/privacy.md).
//
//                          address     agent  referrer         visitor  verdict
//   aggregate              –           –      origin, or page  –        class, reason, known client
//   PRIVACY=strict         –           –      origin, or page  yes      all, without names from the agent
//   IP_POLICY truncate     /24 or /48  yes    yes              yes      all
//   IP_POLICY none         –           yes    yes              yes      all

import type { Config } from '../config/config.ts';
import { decodeText, FieldTag, type RecordEncoder } from '../hit/encoding.ts';
import { readReferrer, type Referrer } from '../hit/referrer.ts';
import { visitorOf } from '../hit/visitor.ts';
import type { VisitorSalts } from '../hit/visitor-salts.ts';
import { counted, keptReferrer, unnamed } from '../hit/withholding.ts';
import { AGENT_BYTES_MAX } from '../limits.ts';
import type { Judge } from '../verdict/judge.ts';
import { ignoredNetworks } from '../verdict/networks/ignored.ts';
import type { PrefixTable } from '../verdict/networks/prefix-table.ts';
import type { ClientAddresses, Peer } from './client-address.ts';
import { encodeWhole } from './record.ts';
import { ABSENT, type PixelRequest } from './request.ts';

export interface DiscretionParts {
  readonly config: Pick<Config, 'privacy' | 'ipPolicy' | 'ignoredAddresses'>;
  readonly addresses: ClientAddresses;
  /** Asked for each time, so that nothing is loaded for it before it is needed. */
  readonly judge: () => Judge;
  readonly salts: Pick<VisitorSalts, 'current'>;
}

/** Whether pixels in mode `individual` have visitors: where their addresses are not kept as they came. */
export function needsVisitors({
  privacy,
  ipPolicy,
}: Pick<Config, 'privacy' | 'ipPolicy'>): boolean {
  return privacy === 'strict' || ipPolicy !== 'full';
}

export class Discretion {
  readonly #parts: DiscretionParts;
  readonly #isStrict: boolean;
  readonly #ignored: PrefixTable<true>;

  constructor(parts: DiscretionParts) {
    this.#parts = parts;
    this.#isStrict = parts.config.privacy === 'strict';
    this.#ignored = ignoredNetworks(parts.config.ignoredAddresses);
  }

  /** Goes on with the record that {@link beginHit} began. */
  encode(
    encoder: RecordEncoder,
    request: PixelRequest,
    peer: Peer,
    mode: 'individual' | 'aggregate',
  ): void {
    const { addresses, judge: judgeNow, salts } = this.#parts;
    const isAggregate = mode === 'aggregate' || (this.#isStrict && request.optedOut);
    const judge = judgeNow();
    const { bytes } = request;
    const client = addresses.of(peer, request);
    const { address } = client;
    const agent = textOf(bytes, request.agentStart, request.agentEnd);
    const purpose = textOf(bytes, request.purposeStart, request.purposeEnd);
    const verdict = judge.judge({ agent, address, purpose });
    if (isAggregate || this.#isStrict) encodeReferrer(encoder, request);
    else encodeWhole(encoder, request, client.kept);
    encoder.withheld({
      verdict: isAggregate ? counted(verdict) : this.#isStrict ? unnamed(verdict) : verdict,
      visitor: isAggregate ? null : visitorOf(salts.current(), address, agent, siteOf(request)),
      ownAddress: this.#ignored.find(address) === true,
      mailSecurity: judge.scannerNetwork(address)?.kind === 'mail-security',
    });
  }
}

/** As long as a journal keeps it: the judge remembers agents, and clients may send longer ones. */
function textOf(bytes: Buffer, start: number, end: number): string | null {
  if (start === ABSENT) return null;
  return decodeText(bytes, start, Math.min(end, start + AGENT_BYTES_MAX));
}

/** Latin-1 holds the bytes as they came, whatever they mean. */
function referrerOf({ bytes, referrerStart, referrerEnd }: PixelRequest): Referrer | null {
  if (referrerStart === ABSENT) return null;
  return readReferrer(bytes.toString('latin1', referrerStart, referrerEnd));
}

function encodeReferrer(encoder: RecordEncoder, request: PixelRequest): void {
  const referrer = referrerOf(request);
  if (referrer === null) return;
  const bytes = Buffer.from(keptReferrer(referrer, request.kind), 'latin1');
  encoder.field(FieldTag.REFERRER, bytes, 0, bytes.length);
}

/** A visitor of two sites is two visitors. */
function siteOf(request: PixelRequest): string {
  return request.kind === 'open' ? '' : (referrerOf(request)?.site ?? '');
}
