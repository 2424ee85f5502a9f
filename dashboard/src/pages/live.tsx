// Hits as they come in, each with its verdict.

import { useReducer, useState } from 'react';
import { Problem } from '../api/request.ts';
import { HitItem } from '../hits/hit-item.tsx';
import { standingOf } from '../hits/classes.ts';
import { ConnectionState } from '../live/connection-state.tsx';
import { isMissing, LATEST_MAX, type Latest, NOTHING_YET, withNews } from '../live/latest.ts';
import { LiveFilters } from '../live/live-filters.tsx';
import { liveQueryOf, readLiveChoice } from '../live/choice.ts';
import type { LiveNews } from '../live/news.ts';
import { useLive } from '../live/use-live.ts';
import { useAnnouncement } from '../live/use-announcement.ts';
import { MintButton } from '../mint/mint-button.tsx';
import { Blank } from '../parts/blank.tsx';
import { Button } from '../parts/button.tsx';
import { Sent } from '../parts/sent.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { nameOf } from '../pixels/name.ts';
import type { LiveHit } from '../pixels/answers.ts';
import { Link } from '../place/link.tsx';
import { usePlace } from '../place/location.ts';
import { useZone } from '../place/use-range.ts';
import { formatCount, plural } from '../words.ts';
import './hits.css';
import './live.css';

export default function Live() {
  const { search } = usePlace();
  const choice = readLiveChoice(search);
  const query = liveQueryOf(choice);
  // Another choice begins another list.
  return <Stream key={JSON.stringify(query)} query={query} isPeopleOnly={choice.isPeopleOnly} />;
}

interface StreamProps {
  readonly query: ReturnType<typeof liveQueryOf>;
  readonly isPeopleOnly: boolean;
}

function Stream({ query, isPeopleOnly }: StreamProps) {
  const [latest, add] = useReducer<Latest, [LiveNews]>(withNews, NOTHING_YET);
  const zone = useZone();
  const [paused, setPaused] = useState<Latest | null>(null);
  const state = useLive(query, add);
  const shown = paused ?? latest;
  const missed = paused === null ? 0 : latest.count - paused.count;
  const rows = shown.rows.filter(
    (row) => isMissing(row) || !isPeopleOnly || standingOf(row) === 'opens',
  );
  const spoken = useAnnouncement(latest, paused !== null);
  return (
    <>
      <LiveFilters />
      <div className="list-head live-head">
        <p className="live-state">
          <ConnectionState state={state} />
          <span>{plural(latest.count, 'hit')} since you came here</span>
        </p>
        <Button
          icon={paused === null ? 'pause' : 'live'}
          aria-pressed={paused !== null}
          onClick={() => setPaused(paused === null ? latest : null)}
        >
          {paused === null ? 'Pause' : `Go on${missed > 0 ? ` (${formatCount(missed)} new)` : ''}`}
        </Button>
      </div>
      <p className="unseen" role="status" aria-live="polite">
        {spoken}
      </p>
      {state instanceof Problem && <Trouble error={state} />}
      {rows.length === 0 && !(state instanceof Problem) && <NothingYet />}
      <ol className="hits live-hits">
        {rows.map((row) =>
          isMissing(row) ? (
            <li key={row.key} className="missing">
              {missingWords(row.missing)} They are kept, and in all reports.
            </li>
          ) : (
            <HitItem key={row.id} hit={row} kind={row.kind} zone={zone} of={<Of hit={row} />} />
          ),
        )}
      </ol>
      {shown.rows.length >= LATEST_MAX && (
        <p className="hint">These are the newest {formatCount(LATEST_MAX)}.</p>
      )}
    </>
  );
}

const missingWords = (count: number | null): string =>
  count === null
    ? 'Some hits between these could not be told after a break.'
    : `${plural(count, 'hit')} between these came too fast to be told each.`;

/** What the hit was of. */
function Of({ hit }: { readonly hit: LiveHit }) {
  if (hit.kind === 'visit' || hit.uri === null) return <span className="hit-of">Visit</span>;
  const { uri: code, label = null } = hit;
  return (
    <Link className="hit-of" to={`/pixels/${encodeURIComponent(code)}`}>
      <Sent text={nameOf({ code, label, recipient: null })} />
    </Link>
  );
}

function NothingYet() {
  return (
    <Blank title="Waiting for the next hit">
      <p>
        It shows up here within a second. Mint a pixel and open its image, or look at a page with
        your <code>/track</code> image on it.
      </p>
      <MintButton />
    </Blank>
  );
}
