// The keys of a chart: what each line is, its figure, and a switch for it.

import { Sent } from '../parts/sent.tsx';
import { formatCount } from '../words.ts';
import { type Look, Swatch } from './swatch.tsx';

export interface KeyedLine {
  readonly id: string;
  readonly name: string;
  readonly look: Look;
  readonly total: number;
  /** One for each interval. */
  readonly values: readonly number[];
}

interface ChartKeysProps {
  readonly lines: readonly KeyedLine[];
  readonly hidden: ReadonlySet<string>;
  /** The interval that is pointed at; null: none, so totals are shown. */
  readonly at: number | null;
  /** Where totals do not stand beside the chart already. */
  readonly withTotals: boolean;
  readonly onToggle: (id: string) => void;
}

export function ChartKeys({ lines, hidden, at, withTotals, onToggle }: ChartKeysProps) {
  return (
    <ul className="keys">
      {lines.map(({ id, name, look, total, values }) => (
        <li key={id}>
          <button type="button" aria-pressed={!hidden.has(id)} onClick={() => onToggle(id)}>
            <Swatch look={look} />
            <span className="key-name">
              <Sent text={name} />
            </span>
            {(withTotals || at !== null) && (
              <span className="number">{formatCount(at === null ? total : (values[at] ?? 0))}</span>
            )}
          </button>
        </li>
      ))}
    </ul>
  );
}
