// Visits of sites (`/track`): over time, and by every dimension. A click on a row filters by it, and
// filters stay in the address.

import { lazy, Suspense, useMemo } from 'react';
import type { VisitCounts } from '../../../client/api.d.ts';
import type { Dimension, Statistics } from '../api/answers.ts';
import { type Filters, useStatistics } from '../api/statistics.ts';
import { Breakdown } from '../count/breakdown.tsx';
import { CountsChart } from '../count/counts-chart.tsx';
import { DIMENSIONS } from '../count/dimension-names.ts';
import { Meanings } from '../count/meanings.tsx';
import { Tiles } from '../count/tiles.tsx';
import { useCharts } from '../chart/time-chart.tsx';
import { Answer } from '../parts/answer.tsx';
import { Chips } from '../parts/chips.tsx';
import { Panel } from '../parts/panel.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { asQuestion, type Filter, toggleFilter, useFilters } from '../place/filters.ts';
import { NoVisits } from './no-visits.tsx';

const WorldMap = lazy(() => import('../chart/world-map.tsx'));

const LISTED = ['referrer', 'page', 'client', 'os', 'device'] as const;
const FILTERED: readonly Dimension[] = [...LISTED, 'country', 'class'];
/** Enough for people's programs to be among the largest, where machines are many. */
const GROUPS = 100;
const COUNTRIES = 300;

export default function Visits() {
  useCharts();
  const filters = useFilters(FILTERED);
  const question = useMemo(() => asQuestion(filters), [filters]);
  return (
    <div className="stack">
      <Chips filters={filters} />
      <Main filters={question} isFiltered={filters.length > 0} />
      <div className="packed">
        {LISTED.map((dimension) => (
          <List key={dimension} dimension={dimension} chosen={filters} question={question} />
        ))}
      </div>
      <Countries chosen={filters} question={question} />
    </div>
  );
}

interface MainProps {
  readonly filters: Filters;
  readonly isFiltered: boolean;
}

function Main({ filters, isFiltered }: MainProps) {
  const now = useStatistics('visits', { series: true, filters });
  const before = useStatistics('visits', { before: true, filters });
  return (
    <Panel title="Visits" actions={<Meanings kind="visits" />}>
      <Answer of={now}>
        {(statistics) =>
          statistics !== null && (
            <>
              <Tiles
                kind="visits"
                totals={statistics.totals}
                before={before.data?.totals ?? null}
              />
              {statistics.totals.hits === 0 && !isFiltered ? (
                <NoVisits />
              ) : (
                <CountsChart kind="visits" statistics={statistics} />
              )}
            </>
          )
        }
      </Answer>
    </Panel>
  );
}

interface ListProps {
  readonly dimension: Dimension;
  readonly chosen: readonly Filter[];
  readonly question: Filters;
}

function List({ dimension, chosen, question }: ListProps) {
  const query = useStatistics('visits', { split: dimension, limit: GROUPS, filters: question });
  return (
    <Panel title={DIMENSIONS[dimension].many}>
      <Answer of={query}>
        {(statistics) =>
          statistics !== null && (
            <ChosenBreakdown dimension={dimension} chosen={chosen} statistics={statistics} />
          )
        }
      </Answer>
    </Panel>
  );
}

interface ChosenProps {
  readonly dimension: Dimension;
  readonly chosen: readonly Filter[];
  readonly statistics: Statistics<VisitCounts>;
}

function ChosenBreakdown({ dimension, chosen, statistics }: ChosenProps) {
  return (
    <Breakdown
      kind="visits"
      dimension={dimension}
      statistics={statistics}
      isChosen={(value) =>
        chosen.some((each) => each.dimension === dimension && each.value === value)
      }
      onChoose={(value) => toggleFilter(chosen, { dimension, value })}
    />
  );
}

/** The list is what the map says, for those who cannot see it. */
function Countries({ chosen, question }: Omit<ListProps, 'dimension'>) {
  const query = useStatistics('visits', { split: 'country', limit: COUNTRIES, filters: question });
  return (
    <Panel title={DIMENSIONS.country.many}>
      <Answer of={query}>
        {(statistics) =>
          statistics !== null && (
            <div className="map-and-list">
              <Suspense fallback={<Waiting />}>
                <WorldMap
                  what="visits"
                  figures={statistics.groups.map(({ value, totals }) => ({
                    code: value,
                    count: totals.visits,
                  }))}
                  onPick={(value) => toggleFilter(chosen, { dimension: 'country', value })}
                />
              </Suspense>
              <div>
                <ChosenBreakdown dimension="country" chosen={chosen} statistics={statistics} />
              </div>
            </div>
          )
        }
      </Answer>
    </Panel>
  );
}
