// Which live hits are shown, as it stands in the address.

import type { Query } from '../api/request.ts';

export interface LiveChoice {
  readonly kind: 'open' | 'visit' | undefined;
  readonly campaign: string | undefined;
  /** Machines, and what nobody can tell, are left out of what is shown. */
  readonly isPeopleOnly: boolean;
}

export function readLiveChoice(search: URLSearchParams): LiveChoice {
  const kind = search.get('kind');
  return {
    kind: kind === 'open' || kind === 'visit' ? kind : undefined,
    campaign: search.get('campaign') ?? undefined,
    isPeopleOnly: search.get('show') === 'people',
  };
}

/** What the server is asked for; the rest is left out here. */
export const liveQueryOf = ({ kind, campaign }: LiveChoice): Query => ({
  kind,
  campaign: kind === 'visit' ? undefined : campaign,
});
