// One hit in a list: when, what it is believed to be and why, and behind a click all that the client sent.

import type { ReactNode } from 'react';
import { Sent } from '../parts/sent.tsx';
import type { Hit } from '../pixels/answers.ts';
import { countryName, formatTime, MOMENT } from '../words.ts';
import { Verdict } from './verdict.tsx';
import { ownWordsOf, whyOf } from './why.ts';

interface HitItemProps {
  readonly hit: Hit;
  readonly kind: 'open' | 'visit';
  readonly zone: string;
  /** Beside the time: which pixel it was of. */
  readonly of?: ReactNode;
  readonly actions?: ReactNode;
}

export function HitItem({ hit, kind, zone, of, actions }: HitItemProps) {
  const ownWords = ownWordsOf(hit.own);
  return (
    <li className="hit">
      <div className="hit-head">
        <Verdict kind={kind} hit={hit} />
        {of}
        <time dateTime={hit.time_stamp}>{formatTime(hit.time_stamp, zone, MOMENT)}</time>
      </div>
      <p className="hit-why">
        <Sent text={whyOf({ ...hit, kind })} />
        {ownWords !== null && ` ${ownWords}`}
      </p>
      <Facts hit={hit} />
      <div className="hit-foot">
        <SentByClient hit={hit} kind={kind} />
        {actions}
      </div>
    </li>
  );
}

function Facts({ hit }: { readonly hit: Hit }) {
  const { client, os, device, country, ip_address: address } = hit;
  const facts = [
    client,
    os,
    device,
    country === null ? null : countryName(country),
    address === '' ? null : address,
  ].filter((fact) => fact !== null);
  if (facts.length === 0) return null;
  return (
    <ul className="facts">
      {facts.map((fact) => (
        <li key={fact}>
          <Sent text={fact} />
        </li>
      ))}
    </ul>
  );
}

function SentByClient({ hit, kind }: { readonly hit: Hit; readonly kind: 'open' | 'visit' }) {
  const isKept = hit.ip_address !== '' || hit.user_agent !== null || hit.referrer !== null;
  return (
    <details className="sent">
      <summary>What it sent</summary>
      <dl>
        <dt>User-Agent</dt>
        <dd>
          <Sent text={hit.user_agent} none={isKept ? 'none' : 'not kept'} />
        </dd>
        <dt>{kind === 'visit' ? 'Page (Referer)' : 'Referer'}</dt>
        <dd>
          <Sent text={hit.referrer} none={isKept ? 'none' : 'not kept'} />
        </dd>
        <dt>Address</dt>
        <dd>
          <Sent text={hit.ip_address === '' ? null : hit.ip_address} none="not kept" />
        </dd>
        <dt>Reason</dt>
        <dd>
          {hit.class}, {hit.reason}
        </dd>
        <dt>Hit</dt>
        <dd>{hit.id}</dd>
      </dl>
    </details>
  );
}
