// Agents with the verdicts that they must get, for tests and the benchmark.

import { readFileSync } from 'node:fs';
import type { VerdictClass } from '../../src/hit/verdict.ts';

export interface ExpectedAgent {
  readonly class: VerdictClass;
  /** Null: whatever it is called. */
  readonly client: string | null;
  readonly agent: string;
}

/** The rows of agents.tsv. */
export function expectedAgents(): ExpectedAgent[] {
  const text = readFileSync(new URL('./agents.tsv', import.meta.url), 'utf8');
  const rows = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return rows.map((line) => {
    const [verdictClass = '', client = '', agent = ''] = line.split('\t');
    return {
      class: verdictClass as VerdictClass,
      client: client === '*' ? null : client,
      agent,
    };
  });
}
