// What the events of a piece of the stream say, in the words of the page.

import type { LiveHit } from '../pixels/answers.ts';
import type { StreamEvent } from './event-stream.ts';

export interface LiveNews {
  /** Oldest first. */
  readonly hits: readonly LiveHit[];
  /** Hits that came too fast to be told each. */
  readonly skipped: number;
  /** Whether others could not be told after a break. */
  readonly hasGap: boolean;
}

export function readNews(events: readonly StreamEvent[]): LiveNews {
  const of = (name: string): string[] =>
    events.filter(({ event }) => event === name).map(({ data }) => data);
  const skipped = of('skipped').map((data) => (JSON.parse(data) as { count: number }).count);
  return {
    hits: of('hit').map((data) => JSON.parse(data) as LiveHit),
    skipped: skipped.reduce((sum, count) => sum + count, 0),
    hasGap: of('gap').length > 0,
  };
}
