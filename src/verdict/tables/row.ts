// The shape of all tables of agents. A row is a fact with its source; whoever adds one needs to know no
// code.

/**
 * 1. The name, as people call it: `Thunderbird`.
 * 2. The pattern, found anywhere in the agent unless it begins with `^`. Anchor it (`\b`, `/`, a digit) so
 *    that no other product's name contains it, and bound every repetition: no agent may cost more than a
 *    millisecond.
 * 3. Where that is documented or was seen: an address, a corpus (docs/verdicts.md names them), or
 *    `PRESUMED`.
 */
export type Row = readonly [name: string, pattern: RegExp, source: string];

/** The product's own name or its app's identifier; no such agent has been seen by us yet. */
export const PRESUMED = 'presumed from the name; evidence is welcome';

/**
 * A table ready for use: gives the name in the first row whose pattern is found, null when there is none.
 * Most agents are in no row, so all patterns are tried as one first, which is ten times faster.
 */
export function finder(rows: readonly Row[]): (agent: string) => string | null {
  const patterns = rows.map(([, { flags, source }]) => `(?${flags}:${source})`);
  const any = new RegExp(patterns.join('|'));
  return (agent) => {
    if (!any.test(agent)) return null;
    return rows.find(([, pattern]) => pattern.test(agent))?.[0] ?? null;
  };
}
