// The overview: how many looked, over time, at what and from where, at a glance.

import { useQuery } from '@tanstack/react-query';
import type { Dimension } from '../api/answers.ts';
import { request } from '../api/request.ts';
import { type Kind, useStatistics } from '../api/statistics.ts';
import { Breakdown } from '../count/breakdown.tsx';
import { CountsChart } from '../count/counts-chart.tsx';
import { DIMENSIONS } from '../count/dimension-names.ts';
import { Meanings } from '../count/meanings.tsx';
import { Tiles } from '../count/tiles.tsx';
import { Answer } from '../parts/answer.tsx';
import { Panel } from '../parts/panel.tsx';
import { Link } from '../place/link.tsx';
import { FirstSteps } from './first-steps.tsx';
import { PixelGroups } from './pixel-groups.tsx';

export default function Overview() {
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

/** Nothing was minted and nothing was ever asked for. */
function useIsNew(): boolean {
  const { data } = useQuery({
    queryKey: ['is-new'],
    queryFn: async ({ signal }) => {
      const options = { query: { limit: 1 }, signal };
      const pixels = await request<{ total: number }>('/v1/pixels', options);
      if (pixels.total > 0) return false;
      const visits = await request<{ hits: unknown[] }>('/v1/hits', options);
      return visits.hits.length === 0;
    },
    refetchInterval: ({ state }) => (state.data === true ? 3_000 : false),
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
