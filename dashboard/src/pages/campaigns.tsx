// Campaigns side by side: their figures in a table, and those that are chosen over time.

import { useDeferredValue, useState } from 'react';
import type { Campaign } from '../../../client/api.d.ts';
import { useCampaigns } from '../api/campaigns.ts';
import { useCharts } from '../chart/time-chart.tsx';
import { Answer } from '../parts/answer.tsx';
import { Blank } from '../parts/blank.tsx';
import { Button } from '../parts/button.tsx';
import { Panel } from '../parts/panel.tsx';
import { choose, usePlace } from '../place/location.ts';
import { CampaignChart, COMPARED_MAX } from './campaign-chart.tsx';
import { CampaignTable } from './campaign-table.tsx';

/** Compared before anybody has chosen. */
const FIRST = 3;

export default function Campaigns() {
  useCharts();
  const [search, setSearch] = useState('');
  const query = useCampaigns(useDeferredValue(search.trim()));
  const [compared, toggle] = useCompared(query.data ?? []);
  return (
    <div className="stack">
      {compared.length > 0 && <CampaignChart campaigns={compared} />}
      <Panel
        title="All campaigns"
        actions={
          <label>
            <span className="unseen">Find a campaign</span>
            <input
              type="search"
              placeholder="Find a campaign"
              value={search}
              onChange={(event) => setSearch(event.target.value)}
            />
          </label>
        }
      >
        <Answer of={query}>
          {(campaigns) =>
            campaigns.length === 0 ? (
              <NoCampaigns isSearch={search.trim() !== ''} />
            ) : (
              <CampaignTable campaigns={campaigns} compared={compared} onToggle={toggle} />
            )
          }
        </Answer>
        {query.hasNextPage && (
          <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {query.isFetchingNextPage ? 'Loading …' : 'More campaigns'}
          </Button>
        )}
      </Panel>
    </div>
  );
}

function NoCampaigns({ isSearch }: { readonly isSearch: boolean }) {
  if (isSearch) return <Blank title="No campaign has that in its name" />;
  return (
    <Blank title="No campaigns yet">
      <p>
        Give pixels a <code>campaign</code> when you mint them, and their opens are counted together
        here.
      </p>
    </Blank>
  );
}

/** Which are compared, as the address says; before anybody has chosen, those that were opened most. */
function useCompared(campaigns: readonly Campaign[]) {
  const { search } = usePlace();
  const first = campaigns.toSorted((a, b) => b.counts.opens - a.counts.opens).slice(0, FIRST);
  const asked = search.getAll('compare').map((name) => (name === '' ? null : name));
  const isChosen = asked.length > 0 || search.get('chart') === 'none';
  const compared = isChosen ? asked : first.map(({ campaign }) => campaign);
  const toggle = (campaign: string | null): void => {
    const next = compared.includes(campaign)
      ? compared.filter((each) => each !== campaign)
      : [...compared, campaign];
    choose({
      compare: next.slice(-COMPARED_MAX).map((each) => each ?? ''),
      chart: next.length === 0 ? 'none' : null,
    });
  };
  return [compared, toggle] as const;
}
