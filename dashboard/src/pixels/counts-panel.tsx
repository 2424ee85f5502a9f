// What became of a pixel: its counts side by side, and when they came, from its minting until now.

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ask } from '../api/statistics.ts';
import { CountsChart } from '../count/counts-chart.tsx';
import { Meanings } from '../count/meanings.tsx';
import { Tiles } from '../count/tiles.tsx';
import { Answer } from '../parts/answer.tsx';
import { Panel } from '../parts/panel.tsx';
import { type Day, daysFrom, wallClock } from '../place/days.ts';
import { intervalFor } from '../place/range.ts';
import { useZone } from '../place/use-range.ts';
import type { Pixel } from './answers.ts';

export function CountsPanel({ pixel }: { readonly pixel: Pixel }) {
  const life = useLife(pixel);
  return (
    <Panel title="Opens" actions={<Meanings kind="opens" />}>
      <Tiles kind="opens" totals={pixel.counts} before={null} />
      {pixel.counts.hits > 0 && (
        <Answer of={life} what="Drawing the chart">
          {(statistics) => <CountsChart kind="opens" statistics={statistics} />}
        </Answer>
      )}
    </Panel>
  );
}

function useLife({ code, created_at: createdAt, counts }: Pixel) {
  const zone = useZone();
  return useQuery({
    queryKey: ['pixel', code, 'life', zone],
    enabled: counts.hits > 0,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => {
      const { day: today, time } = wallClock(new Date(), zone);
      const from: Day = wallClock(new Date(createdAt), zone).day;
      const span = { from, to: `${today}T${time}` };
      const interval = intervalFor(daysFrom(from, today));
      return ask('opens', { span, zone, interval, filters: { pixel: [code] } }, signal);
    },
  });
}
