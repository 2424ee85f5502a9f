// The chosen campaigns over time, by one of the counts.

import { useState } from 'react';
import type { OpenCounts, Statistics } from '../api/answers.ts';
import { useStatistics } from '../api/statistics.ts';
import type { Look } from '../chart/swatch.tsx';
import { TimeChart } from '../chart/time-chart.tsx';
import { valueName } from '../count/dimension-names.ts';
import { type CountId, countOf, MAIN_COUNTS } from '../count/names.ts';
import { Answer } from '../parts/answer.tsx';
import { Panel } from '../parts/panel.tsx';

/** As many as can be told apart. */
const LOOKS: readonly Look[] = [
  { colour: 'opens', pattern: 'ring' },
  { colour: 'unverified', pattern: 'stripes' },
  { colour: 'unique', pattern: 'dots' },
  { colour: 'machine', pattern: 'ring' },
  { colour: 'repeats', pattern: 'stripes' },
  { colour: 'ignored', pattern: 'dots' },
];
export const COMPARED_MAX = LOOKS.length;

export function CampaignChart({ campaigns }: { readonly campaigns: readonly (string | null)[] }) {
  const [count, setCount] = useState<CountId>('looks');
  const query = useStatistics('opens', {
    series: true,
    split: 'campaign',
    limit: COMPARED_MAX,
    filters: { campaign: campaigns },
  });
  return (
    <Panel title="Compared" actions={<CountPicker count={count} onChange={setCount} />}>
      <Answer of={query}>
        {(statistics) =>
          statistics !== null && (
            <Lines campaigns={campaigns} statistics={statistics} count={count} />
          )
        }
      </Answer>
    </Panel>
  );
}

interface CountPickerProps {
  readonly count: CountId;
  readonly onChange: (count: CountId) => void;
}

function CountPicker({ count, onChange }: CountPickerProps) {
  return (
    <div className="segments" role="group" aria-label="Count">
      {MAIN_COUNTS.map(({ id, name }) => (
        <button key={id} type="button" aria-pressed={id === count} onClick={() => onChange(id)}>
          {name.opens}
        </button>
      ))}
    </div>
  );
}

interface LinesProps {
  readonly campaigns: readonly (string | null)[];
  readonly statistics: Statistics<OpenCounts>;
  readonly count: CountId;
}

/** A campaign without hits in this time is no group, and has a line at zero all the same. */
function Lines({ campaigns, statistics, count }: LinesProps) {
  const { series, groups, interval, time_zone: zone } = statistics;
  const lines = campaigns.slice(0, COMPARED_MAX).map((campaign, i) => {
    const group = groups.find(({ value }) => value === campaign);
    return {
      id: campaign ?? '',
      name: valueName('campaign', campaign),
      look: LOOKS[i] ?? { colour: 'text', pattern: 'full' },
      total: group === undefined ? 0 : countOf(group.totals, count),
      values: series.map((_, at) => countOf(group?.series[at] ?? {}, count)),
    } as const;
  });
  return (
    <TimeChart
      title="Campaigns over time"
      lines={lines}
      starts={series.map(({ start }) => start)}
      interval={interval ?? 'day'}
      zone={zone}
      withTotals
    />
  );
}
