// What this machine keeps of events that others collected, who may keep more: a pixel's mode, PRIVACY and
// IP_POLICY of this machine hold for them before anything reaches its disk. The rules are those of
// collector/discretion.ts; a visitor cannot be made here, since the day's salt is the collector's.

import type { Config, PixelMode } from '../config/config.ts';
import { applyAddressPolicy } from '../hit/address.ts';
import type { CodeAuthority } from '../hit/code.ts';
import { type Event, type Hit, isHit, type Note, type Withheld } from '../hit/event.ts';
import type { PixelModes } from '../hit/pixel-modes.ts';
import { readReferrer } from '../hit/referrer.ts';
import { counted, keptReferrer, unnamed } from '../hit/withholding.ts';
import { ignoredNetworks } from '../verdict/networks/ignored.ts';
import type { PrefixTable } from '../verdict/networks/prefix-table.ts';
import type { FreshJudge } from '../verdict/references.ts';

interface ReductionParts {
  readonly config: Pick<Config, 'privacy' | 'pixelMode' | 'ipPolicy' | 'ignoredAddresses'>;
  readonly codes: Pick<CodeAuthority, 'verify'>;
  readonly modes: Pick<PixelModes, 'find'>;
  /** Asked only for hits that must be judged before they are reduced. */
  readonly judge: Pick<FreshJudge, 'ready' | 'judge'>;
}

export class Reduction {
  readonly #parts: ReductionParts;
  readonly #isStrict: boolean;
  readonly #ignored: PrefixTable<true>;

  constructor(parts: ReductionParts) {
    this.#parts = parts;
    this.#isStrict = parts.config.privacy === 'strict';
    this.#ignored = ignoredNetworks(parts.config.ignoredAddresses);
  }

  /** What may be kept of an event that another machine sent; null: nothing. */
  async apply(event: Event): Promise<Event | null> {
    if (!isHit(event)) return this.#reduceNote(event);
    const mode = this.#modeOf(event.code);
    if (mode === 'off') return null;
    const isAggregate = mode === 'aggregate' || (this.#isStrict && event.withheld === undefined);
    if (isAggregate || this.#isStrict) return await this.#reduceHit(event, isAggregate);
    return await this.#reduceAddress(event);
  }

  /** Judged by the whole address, as a collector does, since nobody can afterwards. */
  async #reduceAddress(hit: Hit): Promise<Hit> {
    const { ipPolicy } = this.#parts.config;
    if (ipPolicy === 'full') return hit;
    const withheld = hit.withheld ?? (await this.#judged(hit));
    return { ...hit, address: applyAddressPolicy(hit.address, ipPolicy), withheld };
  }

  async #reduceHit(hit: Hit, isAggregate: boolean): Promise<Hit> {
    const { verdict, ...signs } = hit.withheld ?? (await this.#judged(hit));
    const referrer = hit.referrer === null ? null : readReferrer(hit.referrer);
    return {
      ...hit,
      address: '',
      agent: null,
      purpose: null,
      referrer: referrer && keptReferrer(referrer, hit.kind),
      withheld: isAggregate
        ? { ...signs, verdict: counted(verdict), visitor: null }
        : { ...signs, verdict: unnamed(verdict) },
    };
  }

  async #judged(hit: Hit): Promise<Withheld> {
    const { judge: fresh } = this.#parts;
    await fresh.ready();
    const { judge } = fresh;
    return {
      verdict: judge.judge(hit),
      visitor: null,
      ownAddress: this.#ignored.find(hit.address) === true,
      mailSecurity: judge.scannerNetwork(hit.address)?.kind === 'mail-security',
    };
  }

  /**
   * Counts that nobody is told apart in are for no recipient: the note does not say one. It does not take
   * back what another said before, either, or an erasure would not find that pixel.
   */
  #reduceNote(note: Note): Note {
    if (!('properties' in note) || (note.properties?.recipient ?? null) === null) return note;
    const { properties, code } = note;
    const { pixelMode } = this.#parts.config;
    const mode =
      properties.mode === undefined ? this.#modeOf(code) : (properties.mode ?? pixelMode);
    if (mode === 'individual' && !this.#isStrict) return note;
    // The digest of what was asked for is one of the recipient too.
    const { recipient: _, request: __, ...kept } = properties;
    return { ...note, properties: kept };
  }

  /** As collector/admission.ts has it: what was said later outweighs what the code says. */
  #modeOf(code: string | null): PixelMode {
    const { codes, modes, config } = this.#parts;
    if (code === null) return config.pixelMode;
    return modes.find(code) ?? codes.verify(code)?.mode ?? config.pixelMode;
  }
}
