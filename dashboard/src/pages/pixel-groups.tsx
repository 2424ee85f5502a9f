// The pixels or campaigns that were opened most, each leading to where there is more about it.

import { useStatistics } from '../api/statistics.ts';
import { Breakdown } from '../count/breakdown.tsx';
import { valueName } from '../count/dimension-names.ts';
import { Answer } from '../parts/answer.tsx';
import { Sent } from '../parts/sent.tsx';
import { Link } from '../place/link.tsx';

const GROUPS = 20;

export function PixelGroups({ dimension }: { readonly dimension: 'pixel' | 'campaign' }) {
  const query = useStatistics('opens', { split: dimension, limit: GROUPS });
  return (
    <Answer of={query}>
      {(statistics) =>
        statistics !== null && (
          <Breakdown
            kind="opens"
            dimension={dimension}
            statistics={statistics}
            renderName={({ value, label }) =>
              dimension === 'pixel' ? (
                <Link to={`/pixels/${encodeURIComponent(value ?? '')}`}>
                  {typeof label === 'string' ? <Sent text={label} /> : <code>{value}</code>}
                </Link>
              ) : (
                <Link to="/pixels" search={{ campaign: value ?? '' }}>
                  <Sent text={valueName('campaign', value)} />
                </Link>
              )
            }
          />
        )
      }
    </Answer>
  );
}
