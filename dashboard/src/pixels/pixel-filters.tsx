// What the list of pixels is narrowed by. All of it stands in the address, so that it can be kept and shared.

import { useEffect, useState } from 'react';
import { Icon } from '../parts/icon.tsx';
import { choose } from '../place/location.ts';
import { naturalOrder, type PixelsChoice, type Sort, SORTS } from './choice.ts';
import { useCampaignNames } from './queries.ts';

/** So long after the last letter the server is asked. */
const TYPING_MS = 250;

const SORT_NAMES: Readonly<Record<Sort, string>> = {
  created_at: 'Newest',
  sent_at: 'Last sent',
  label: 'Label',
  recipient: 'Recipient',
  campaign: 'Campaign',
};

export function PixelFilters({ choice }: { readonly choice: PixelsChoice }) {
  return (
    <div className="filters" role="search" aria-label="Pixels">
      <SearchField search={choice.search} />
      <CampaignFilter campaign={choice.campaign} />
      <Filter
        name="opened"
        label="Opened"
        value={choice.opened}
        options={[
          ['yes', 'Opened'],
          ['no', 'Not opened'],
        ]}
        any="Opened or not"
      />
      <Filter
        name="mode"
        label="Mode"
        value={choice.mode}
        options={[
          ['individual', 'Individual'],
          ['aggregate', 'Aggregate'],
          ['off', 'Off'],
        ]}
        any="Any mode"
      />
      <label className="filter sort">
        <span className="unseen">Sort by</span>
        <select
          value={choice.sort}
          onChange={({ target }) =>
            choose({ sort: target.value, order: naturalOrder(target.value as Sort) })
          }
        >
          {SORTS.map((sort) => (
            <option key={sort} value={sort}>
              {SORT_NAMES[sort]} first
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function SearchField({ search }: { readonly search: string }) {
  const [text, setText] = useState(search);
  const [said, setSaid] = useState(search);
  // Somebody went back, or took all filters away.
  if (search !== said) {
    setSaid(search);
    setText(search);
  }
  useEffect(() => {
    if (text === said) return undefined;
    const timer = setTimeout(() => {
      setSaid(text);
      choose({ search: text === '' ? null : text }, 'replace');
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, said]);
  return (
    <label className="filter search">
      <span className="unseen">Search label, campaign, recipient or code</span>
      <Icon name="search" />
      <input
        type="search"
        value={text}
        placeholder="Label, campaign, recipient or code"
        spellCheck={false}
        autoComplete="off"
        onChange={({ target }) => setText(target.value)}
      />
    </label>
  );
}

/** An empty value cannot stand for two things: any campaign, and none. */
const ANY = '\0any';

export function CampaignFilter({ campaign }: { readonly campaign: string | undefined }) {
  const { data = [] } = useCampaignNames();
  const named = data.filter((name) => name !== null);
  const isListed = campaign === undefined || campaign === '' || named.includes(campaign);
  return (
    <label className="filter">
      <span className="unseen">Campaign</span>
      <select
        value={campaign ?? ANY}
        onChange={({ target }) => choose({ campaign: target.value === ANY ? null : target.value })}
      >
        <option value={ANY}>All campaigns</option>
        <option value="">Without campaign</option>
        {!isListed && <option value={campaign}>{campaign}</option>}
        {named.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

interface FilterProps {
  readonly name: string;
  readonly label: string;
  readonly value: string | undefined;
  readonly options: readonly (readonly [value: string, words: string])[];
  readonly any: string;
}

export function Filter({ name, label, value = '', options, any }: FilterProps) {
  return (
    <label className="filter">
      <span className="unseen">{label}</span>
      <select
        value={value}
        onChange={({ target }) => choose({ [name]: target.value === '' ? null : target.value })}
      >
        <option value="">{any}</option>
        {options.map(([each, words]) => (
          <option key={each} value={each}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}
