// Campaigns with their figures, a row each; a tick compares one.

import type { Campaign } from '../../../client/api.d.ts';
import { COUNT_NAMES, countOf } from '../count/names.ts';
import { valueName } from '../count/dimension-names.ts';
import { Sent } from '../parts/sent.tsx';
import { Link } from '../place/link.tsx';
import { useZone } from '../place/use-range.ts';
import { DATE, formatCount, formatShare, formatTime } from '../words.ts';

const COUNTS = COUNT_NAMES.slice(0, 4);

interface CampaignTableProps {
  readonly campaigns: readonly Campaign[];
  readonly compared: readonly (string | null)[];
  readonly onToggle: (campaign: string | null) => void;
}

export function CampaignTable({ campaigns, compared, onToggle }: CampaignTableProps) {
  return (
    <table className="table stacking">
      <thead>
        <tr>
          <th scope="col">Compare</th>
          <th scope="col">Campaign</th>
          <th scope="col" className="number">
            Pixels
          </th>
          <th scope="col" className="number">
            Opened
          </th>
          {COUNTS.map(({ id, name }) => (
            <th key={id} scope="col" className="number">
              {name.opens}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {campaigns.map((campaign) => (
          <Row
            key={campaign.campaign}
            campaign={campaign}
            isCompared={compared.includes(campaign.campaign)}
            onToggle={onToggle}
          />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly campaign: Campaign;
  readonly isCompared: boolean;
  readonly onToggle: (campaign: string | null) => void;
}

function Row({ campaign: row, isCompared, onToggle }: RowProps) {
  const zone = useZone();
  const name = valueName('campaign', row.campaign);
  const share = row.pixels === 0 ? 0 : row.pixels_opened / row.pixels;
  return (
    <tr>
      <td className="tick">
        <input
          type="checkbox"
          checked={isCompared}
          aria-label={`Compare ${name}`}
          onChange={() => onToggle(row.campaign)}
        />
      </td>
      <th scope="row">
        <Link to="/pixels" search={{ campaign: row.campaign ?? '' }}>
          <Sent text={name} />
        </Link>
        <small>since {formatTime(row.first_created_at, zone, DATE)}</small>
      </th>
      <td className="number" data-label="Pixels">
        {formatCount(row.pixels)}
      </td>
      <td className="number" data-label="Opened">
        <span>
          {formatCount(row.pixels_opened)} <small>{formatShare(share)}</small>
        </span>
      </td>
      {COUNTS.map(({ id, name: count }) => (
        <td key={id} className="number" data-label={count.opens}>
          {formatCount(countOf(row.counts, id))}
        </td>
      ))}
    </tr>
  );
}
