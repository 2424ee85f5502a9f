// A chart over time as a table, newest interval first.

import { Sent } from '../parts/sent.tsx';
import type { Interval } from '../place/range.ts';
import { formatCount } from '../words.ts';
import { nameOfInterval } from './interval-words.ts';
import type { KeyedLine } from './keys.tsx';

interface TimeTableProps {
  readonly title: string;
  readonly lines: readonly KeyedLine[];
  readonly starts: readonly string[];
  readonly interval: Interval;
  readonly zone: string;
}

export function TimeTable({ title, lines, starts, interval, zone }: TimeTableProps) {
  const newestFirst = starts.map((start, index) => ({ start, index })).toReversed();
  return (
    // Whoever has no mouse scrolls it by the arrow keys.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="chart-table" tabIndex={0} role="region" aria-label={title}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Beginning</th>
            {lines.map(({ id, name }) => (
              <th key={id} scope="col" className="number">
                <Sent text={name} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {newestFirst.map(({ start, index }) => (
            <tr key={start}>
              <th scope="row">{nameOfInterval(start, interval, zone)}</th>
              {lines.map(({ id, values }) => (
                <td key={id} className="number">
                  {formatCount(values[index] ?? 0)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
