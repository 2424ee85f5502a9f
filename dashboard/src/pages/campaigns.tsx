// Campaigns side by side: their figures in a table, and those that are chosen over time.

import { useDeferredValue, useState } from 'react';
import { useCampaigns } from '../api/campaigns.ts';
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
  const [search, setSearch] = useState('');
  const query = useCampaigns(useDeferredValue(search.trim()));
  const { search: address } = usePlace();
  const asked = address.getAll('compare').map((name) => (name === '' ? null : name));
  const newest = (query.data ?? []).filter(({ counts }) => counts.hits > 0).slice(0, FIRST);
  const compared = address.has('compare') ? asked : newest.map(({ campaign }) => campaign);
  const toggle = (campaign: string | null): void => {
    const next = compared.includes(campaign)
      ? compared.filter((each) => each !== campaign)
      : [...compared, campaign];
    choose({ compare: next.slice(-COMPARED_MAX).map((each) => each ?? '') });
  };
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
