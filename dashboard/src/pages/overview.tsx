// The overview: how many looked, over time, at what and from where, at a glance.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { Dimension } from '../api/answers.ts';
import { request } from '../api/request.ts';
import { type Kind, useStatistics } from '../api/statistics.ts';
import { Breakdown } from '../count/breakdown.tsx';
import { CountsChart } from '../count/counts-chart.tsx';
import { DIMENSIONS } from '../count/dimension-names.ts';
import { Meanings } from '../count/meanings.tsx';
import { Tiles } from '../count/tiles.tsx';
import { useCharts } from '../chart/time-chart.tsx';
import { Answer } from '../parts/answer.tsx';
import { Panel } from '../parts/panel.tsx';
import { Link } from '../place/link.tsx';
import { FirstSteps } from './first-steps.tsx';
import { PixelGroups } from './pixel-groups.tsx';

/** How often somebody who waits for the first hit is looked for one. */
const FIRST_HIT_MS = 1_000;
const IS_NEW = ['is-new'];

export default function Overview() {
  useCharts();
  const isNew = useIsNew();
  if (isNew) return <FirstSteps />;
  return (
    <div className="stack">
      <Opens />
      <div className="columns">
        <Panel title="Top pixels" actions={<Link to="/pixels">All pixels</Link>}>
          <PixelGroups dimension="pixel" />
        </Panel>
        <Panel title="Top campaigns" actions={<Link to="/campaigns">Compare campaigns</Link>}>
          <PixelGroups dimension="campaign" />
        </Panel>
        <Top kind="opens" dimension="client" />
        <Top kind="opens" dimension="country" />
      </div>
      <div className="columns">
        <VisitsInShort />
        <Top kind="visits" dimension="referrer" />
      </div>
    </div>
  );
}

/** Nobody ever looked, at whatever it was. Ends by itself with the first hit. */
function useIsNew(): boolean {
  const client = useQueryClient();
  const { data } = useQuery({
    queryKey: IS_NEW,
    queryFn: async ({ signal }) => {
      const { hits } = await request<{ hits: unknown[] }>('/v1/hits', {
        query: { limit: 1 },
        signal,
      });
      const isNew = hits.length === 0;
      // Figures that were asked for before it are all zero.
      if (!isNew && client.getQueryData(IS_NEW) === true) {
        void client.invalidateQueries({ queryKey: ['statistics'] });
      }
      return isNew;
    },
    refetchInterval: ({ state }) => (state.data === true ? FIRST_HIT_MS : false),
  });
  return data ?? false;
}

function Opens() {
  const now = useStatistics('opens', { series: true });
  const before = useStatistics('opens', { before: true });
  return (
    <Panel title="Opens" actions={<Meanings kind="opens" />}>
      <Answer of={now}>
        {(statistics) =>
          statistics !== null && (
            <>
              <Tiles kind="opens" totals={statistics.totals} before={before.data?.totals ?? null} />
              <CountsChart kind="opens" statistics={statistics} />
            </>
          )
        }
      </Answer>
    </Panel>
  );
}

function VisitsInShort() {
  const now = useStatistics('visits');
  const before = useStatistics('visits', { before: true });
  return (
    <Panel title="Visits" actions={<Link to="/visits">All about visits</Link>}>
      <Answer of={now}>
        {(statistics) =>
          statistics !== null && (
            <Tiles kind="visits" totals={statistics.totals} before={before.data?.totals ?? null} />
          )
        }
      </Answer>
    </Panel>
  );
}

interface TopProps {
  readonly kind: Kind;
  readonly dimension: Dimension;
}

function Top({ kind, dimension }: TopProps) {
  const query = useStatistics(kind, { split: dimension, limit: 30 });
  return (
    <Panel title={DIMENSIONS[dimension].many}>
      <Answer of={query}>
        {(statistics) =>
          statistics !== null && (
            <Breakdown kind={kind} dimension={dimension} statistics={statistics} />
          )
        }
      </Answer>
    </Panel>
  );
}
