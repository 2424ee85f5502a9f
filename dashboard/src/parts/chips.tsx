// The filters that are on, each with a way to take it off.

import { DIMENSIONS, valueName } from '../count/dimension-names.ts';
import { type Filter, toggleFilter } from '../place/filters.ts';
import { Icon } from './icon.tsx';
import { Sent } from './sent.tsx';

export function Chips({ filters }: { readonly filters: readonly Filter[] }) {
  if (filters.length === 0) return null;
  return (
    <ul className="chips" aria-label="Filters">
      {filters.map((filter) => {
        const { dimension, value } = filter;
        return (
          <li key={`${dimension} ${value}`}>
            <button type="button" onClick={() => toggleFilter(filters, filter)}>
              <span>
                {DIMENSIONS[dimension].one}:{' '}
                <b>
                  <Sent text={valueName(dimension, value)} />
                </b>
              </span>
              <span className="unseen">, take this filter off</span>
              <Icon name="close" />
            </button>
          </li>
        );
      })}
    </ul>
  );
}
