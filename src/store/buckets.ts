// In which bucket of a series a time lies, as an expression of SQL that is the same in every dialect but for
// its division. Most buckets are as long as the next one, so a division finds them; where the length changes
// (a day of 23 hours, months) comparisons do, in the form of a tree.

/** Buckets of the same length, one after the other. */
interface Stretch {
  readonly from: number;
  readonly step: number;
  /** Index of the first bucket. */
  readonly first: number;
}

/**
 * The index of the bucket of the time `at`, which is an expression for microseconds within the edges.
 * `division` cuts to whole numbers. 0 without edges.
 */
export function bucketOf(edges: readonly number[], at: string, division: '/' | '//'): string {
  const stretches = stretchesOf(edges);
  return stretches.length === 0 ? '0' : choose(stretches, at, division);
}

function choose(stretches: readonly Stretch[], at: string, division: string): string {
  const [only, ...others] = stretches;
  if (only !== undefined && others.length === 0) {
    return `(${only.first} + (${at} - ${only.from}) ${division} ${only.step})`;
  }
  const middle = stretches.length >> 1;
  const later = stretches.slice(middle);
  const [earlierText, laterText] = [stretches.slice(0, middle), later].map((half) =>
    choose(half, at, division),
  );
  return `CASE WHEN ${at} < ${later[0]?.from} THEN ${earlierText} ELSE ${laterText} END`;
}

function stretchesOf(edges: readonly number[]): Stretch[] {
  const stretches: Stretch[] = [];
  for (const [first, from] of edges.slice(0, -1).entries()) {
    const step = (edges[first + 1] ?? from) - from;
    if (stretches.at(-1)?.step !== step) stretches.push({ from, step, first });
  }
  return stretches;
}
