// One dimension as a list of bars: its largest values by people, and a click on one filters.

import { type ReactNode, useState } from 'react';
import type { Dimension, Group, Statistics } from '../api/answers.ts';
import type { CountsOf, Kind } from '../api/statistics.ts';
import { Blank } from '../parts/blank.tsx';
import { Button } from '../parts/button.tsx';
import { Sent } from '../parts/sent.tsx';
import { formatCount, plural } from '../words.ts';
import { DIMENSIONS, valueName } from './dimension-names.ts';
import { countOf } from './names.ts';

/** Rows before one asks for more. */
const FEW = 8;

interface BreakdownProps<K extends Kind> {
  readonly kind: K;
  readonly dimension: Dimension;
  readonly statistics: Statistics<CountsOf<K>>;
  readonly isChosen?: (value: string | null) => boolean;
  /** A click on a row; without it rows are only read. */
  readonly onChoose?: (value: string | null) => void;
  /** A row's name where it is more than text. */
  readonly renderName?: (group: Group<CountsOf<K>>) => ReactNode;
}

export function Breakdown<K extends Kind>(props: BreakdownProps<K>) {
  const { kind, dimension, statistics } = props;
  const [all, setAll] = useState(false);
  const { one } = DIMENSIONS[dimension];
  const looks = kind === 'opens' ? 'Opens' : 'Visits';
  const groups = statistics.groups
    .filter(({ totals }) => countOf(totals, 'looks') > 0)
    .toSorted((a, b) => countOf(b.totals, 'looks') - countOf(a.totals, 'looks'));
  if (groups.length === 0) return <Blank title={`No ${looks.toLowerCase()} in this time`} />;
  const shown = all ? groups : groups.slice(0, FEW);
  const most = Math.max(1, ...groups.map(({ totals }) => countOf(totals, 'looks')));
  const rest = groups.length - shown.length;
  return (
    <>
      <table className="table bars">
        <thead>
          <tr>
            <th scope="col">{one}</th>
            <th scope="col" className="number">
              {looks}
            </th>
            <th scope="col" className="number">
              Unique
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((group) => (
            <Row key={group.value} {...props} group={group} most={most} />
          ))}
        </tbody>
      </table>
      {(rest > 0 || all) && (
        <Button kind="quiet" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Fewer' : `${formatCount(rest)} more`}
        </Button>
      )}
      {statistics.groups_left_out > 0 && (
        <p className="hint">{plural(statistics.groups_left_out, 'smaller one')} left out.</p>
      )}
    </>
  );
}

type RowProps<K extends Kind> = BreakdownProps<K> & {
  readonly group: Group<CountsOf<K>>;
  readonly most: number;
};

function Row<K extends Kind>(props: RowProps<K>) {
  const { dimension, group, most, isChosen, onChoose, renderName } = props;
  const { value, totals } = group;
  const name = renderName?.(group) ?? <Sent text={valueName(dimension, value)} />;
  const looks = countOf(totals, 'looks');
  return (
    <tr data-none={value === null || undefined}>
      <th scope="row">
        <span className="bar" style={{ inlineSize: `${(100 * looks) / most}%` }} />
        {onChoose === undefined ? (
          <span className="bar-name">{name}</span>
        ) : (
          <button
            type="button"
            className="bar-name"
            aria-pressed={isChosen?.(value) ?? false}
            onClick={() => onChoose(value)}
          >
            {name}
          </button>
        )}
      </th>
      <td className="number">{formatCount(looks)}</td>
      <td className="number">{formatCount(countOf(totals, 'unique'))}</td>
    </tr>
  );
}
