// Remembers what follows from an agent: a few thousand agents make nearly all hits. Bounded, and without
// bookkeeping on a hit: two generations, of which the older is dropped when the younger is full.

import { AGENT_CACHE_ENTRIES_MAX } from '../limits.ts';
import { type AgentVerdict, judgeAgent } from './agent.ts';

export class AgentCache {
  readonly #entriesMax: number;
  #young = new Map<string | null, AgentVerdict>();
  #old = new Map<string | null, AgentVerdict>();

  constructor(entriesMax: number = AGENT_CACHE_ENTRIES_MAX) {
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  judge(agent: string | null): AgentVerdict {
    const known = this.#young.get(agent);
    if (known !== undefined) return known;
    const verdict = this.#old.get(agent) ?? judgeAgent(agent);
    if (this.#young.size >= this.#entriesMax / 2) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(agent, verdict);
    return verdict;
  }
}
