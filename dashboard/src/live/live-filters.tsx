// What of the live hits is shown.

import { CampaignFilter, Filter } from '../pixels/pixel-filters.tsx';
import { choose, usePlace } from '../place/location.ts';
import { readLiveChoice } from './choice.ts';

export function LiveFilters() {
  const { search } = usePlace();
  const { kind, campaign, isPeopleOnly } = readLiveChoice(search);
  return (
    <div className="filters" role="group" aria-label="Which hits">
      <Filter
        name="kind"
        label="Kind"
        value={kind}
        options={[
          ['open', 'Opens of pixels'],
          ['visit', 'Visits of pages'],
        ]}
        any="Opens and visits"
      />
      {kind !== 'visit' && <CampaignFilter campaign={campaign} />}
      <label className="check">
        <input
          type="checkbox"
          checked={isPeopleOnly}
          onChange={({ target }) => choose({ show: target.checked ? 'people' : null })}
        />
        People only
      </label>
    </div>
  );
}
