// The counts of a pixel side by side, each with what it means: no number here can be mistaken for another.

import type { OpenCounts } from '../api/answers.ts';
import { useZone } from '../place/use-range.ts';
import { formatCount, formatTime, MOMENT } from '../words.ts';

interface CountCardsProps {
  readonly counts: OpenCounts;
  readonly lastHitAt: string | null;
}

const MEANINGS: readonly (readonly [keyof OpenCounts, name: string, means: string])[] = [
  [
    'opens',
    'Opens',
    'Looks of people, in a mail program or a browser, or through their provider’s proxy.',
  ],
  [
    'unique_opens',
    'Unique',
    'Different viewers among them; behind a provider’s proxy at least that many.',
  ],
  ['unverified', 'Unverified', 'Fetched by Apple’s privacy relay, read or not: nobody can tell.'],
  ['machine', 'Machine', 'Prefetches and security scanners.'],
  ['repeats', 'Repeats', 'The same viewer again within seconds; not in opens.'],
  [
    'ignored',
    'Not counted',
    'Your own looks, link previews, crawlers, scripts, and what nobody knows.',
  ],
];

export function CountCards({ counts, lastHitAt }: CountCardsProps) {
  const zone = useZone();
  return (
    <section className="count-cards" aria-label="Counts">
      <dl>
        {MEANINGS.map(([name, title, means]) => (
          <div key={name} className={`count-card ${name}`}>
            <dt>{title}</dt>
            <dd>
              <span className="count">{formatCount(counts[name])}</span>
              <span className="hint">{means}</span>
            </dd>
          </div>
        ))}
      </dl>
      <p className="hint">
        {counts.hits === 0
          ? 'Nobody has asked for the image yet.'
          : `${formatCount(counts.hits)} hits in all, each in one of these; unique is part of opens.`}
        {lastHitAt !== null && (
          <>
            {' The last one came '}
            <time dateTime={lastHitAt}>{formatTime(lastHitAt, zone, MOMENT)}</time>.
          </>
        )}
      </p>
    </section>
  );
}
