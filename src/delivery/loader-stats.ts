// What the loader has done and how far it is behind, as plain numbers; loader-metrics.ts shows them.

import type { Event } from '../hit/event.ts';
import type { Part, Stretch, Trouble } from './gather.ts';

/** Troubles that are remembered so as to be told once. Past that some may be told again. */
const TROUBLES_MAX = 10_000;

export class LoaderStats {
  readonly events: Record<Event['kind'], number> = {
    open: 0,
    visit: 0,
    'pixel-minted': 0,
    'pixel-changed': 0,
    'pixel-erased': 0,
    'hit-claimed': 0,
  };
  readonly troubles: Record<Trouble['kind'], number> = {
    damage: 0,
    undecodable: 0,
    'missing-segment': 0,
  };
  unknownRecords = 0;
  loads = 0;
  failures = 0;
  /** Journal bytes not loaded at the last look; of segments between two only the last is counted. */
  behindBytes = 0;
  /** Seconds from the newest loaded event to the moment of its load. */
  lagSeconds = 0;
  /** Told of each load how many milliseconds the store took. */
  onLoad: ((milliseconds: number) => void) | null = null;
  readonly #told = new Set<string>();

  loaded(part: Part, milliseconds: number, nowMicros: number): void {
    this.passed(part);
    const visits = part.lines.length;
    this.events.visit += visits;
    this.events.open += part.hits.length - visits;
    for (const { event } of part.notes) this.events[event.kind]++;
    this.loads++;
    const newest = part.hits.at(-1) ?? part.notes.at(-1);
    if (newest !== undefined) this.lagSeconds = Math.max(0, (nowMicros - newest.event.at) / 1e6);
    this.onLoad?.(milliseconds);
  }

  passed(part: Part): void {
    this.unknownRecords += part.unknown;
  }

  /** How much lay before a pass; nothing when it is over. */
  behind(stretches: readonly Stretch[]): void {
    this.behindBytes = 0;
    for (const { from, to } of stretches) {
      const begun = from?.segment === to.segment ? from.offset : 0;
      this.behindBytes += to.offset - begun;
    }
    if (stretches.length === 0) this.lagSeconds = 0;
  }

  /** Counts a trouble. Returns whether it is new and should be told. */
  trouble(trouble: Trouble): boolean {
    const name = JSON.stringify(trouble);
    if (this.#told.has(name)) return false;
    if (this.#told.size >= TROUBLES_MAX) this.#told.clear();
    this.#told.add(name);
    this.troubles[trouble.kind]++;
    return true;
  }
}
