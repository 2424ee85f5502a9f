// The four main figures side by side, each with its meaning in a few words and how it was the time before.

import type { CountsOf, Kind } from '../api/statistics.ts';
import { Swatch } from '../chart/swatch.tsx';
import { formatChange, formatCount } from '../words.ts';
import { countOf, MAIN_COUNTS, SIDE_COUNTS } from './names.ts';

interface TilesProps<K extends Kind> {
  readonly kind: K;
  readonly totals: CountsOf<K>;
  /** Of as many days before; null: there is nothing to compare with. */
  readonly before: CountsOf<K> | null;
}

export function Tiles<K extends Kind>({ kind, totals, before }: TilesProps<K>) {
  return (
    <>
      <dl className="tiles">
        {MAIN_COUNTS.map(({ id, look, name, brief }) => (
          <div key={id} className={`tile ${id === 'looks' ? 'tile-first' : ''}`}>
            <dt>
              <Swatch look={look} />
              {name[kind]}
            </dt>
            <dd className="tile-figure">{formatCount(countOf(totals, id))}</dd>
            <dd className="tile-brief">{brief[kind]}</dd>
            {before !== null && (
              <dd className="tile-change">
                <Change now={countOf(totals, id)} before={countOf(before, id)} />
              </dd>
            )}
          </div>
        ))}
      </dl>
      <p className="tiles-rest">
        {SIDE_COUNTS.map(({ id, name }) => (
          <span key={id}>
            {name[kind]} <b className="number">{formatCount(countOf(totals, id))}</b>
          </span>
        ))}
        <span>
          All hits <b className="number">{formatCount(totals.hits)}</b>
        </span>
      </p>
    </>
  );
}

/** A change from nothing has no percentage. */
function Change({ now, before }: { readonly now: number; readonly before: number }) {
  const was = `${formatCount(before)} in the time before`;
  if (before === 0) return <span>{was}</span>;
  const share = (now - before) / before;
  const sign = Math.sign(Math.round(share * 100));
  return (
    <span title={was}>
      <b>
        <span aria-hidden="true">{['▾', '', '▴'][sign + 1]}</span>
        {sign === 0 ? '±0%' : formatChange(share)}
      </b>{' '}
      from {formatCount(before)}
    </span>
  );
}
