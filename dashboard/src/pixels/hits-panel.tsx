// Every hit of a pixel, newest first, with the reason for its verdict; new ones appear by themselves.

import { Button } from '../parts/button.tsx';
import { Blank } from '../parts/blank.tsx';
import { ExportMenu } from '../parts/export-menu.tsx';
import { Panel } from '../parts/panel.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { isOwn } from '../hits/classes.ts';
import { HitItem } from '../hits/hit-item.tsx';
import type { Connection } from '../live/connection.ts';
import { ConnectionState } from '../live/connection-state.tsx';
import { useZone } from '../place/use-range.ts';
import type { Hit, Pixel } from './answers.ts';
import { useClaim, usePixelHits } from './queries.ts';

interface HitsPanelProps {
  readonly pixel: Pixel;
  readonly connection: Connection;
  readonly mayClaim: boolean;
}

export function HitsPanel({ pixel, connection, mayClaim }: HitsPanelProps) {
  const zone = useZone();
  const hits = usePixelHits(pixel.code);
  const rows = hits.data?.pages.flatMap((page) => page.hits) ?? [];
  return (
    <Panel
      title="Hits"
      className="hits-panel"
      actions={
        <>
          <ConnectionState state={connection} />
          {rows.length > 0 && (
            <ExportMenu path="/v1/export/hits" query={{ pixel: pixel.code }} what="these hits" />
          )}
        </>
      }
    >
      {hits.error !== null && <Trouble error={hits.error} onRetry={() => void hits.refetch()} />}
      {hits.data === undefined && hits.error === null && <Waiting what="Loading the hits" />}
      {hits.data !== undefined && rows.length === 0 && <NoHits pixel={pixel} />}
      <ol className="hits">
        {rows.map((hit) => (
          <HitItem
            key={hit.id}
            hit={hit}
            kind="open"
            zone={zone}
            actions={mayClaim ? <Claim code={pixel.code} hit={hit} /> : undefined}
          />
        ))}
      </ol>
      {hits.hasNextPage && (
        <p className="list-more">
          <Button disabled={hits.isFetchingNextPage} onClick={() => void hits.fetchNextPage()}>
            {hits.isFetchingNextPage ? 'Loading …' : 'Show earlier hits'}
          </Button>
        </p>
      )}
    </Panel>
  );
}

function NoHits({ pixel }: { readonly pixel: Pixel }) {
  if (pixel.effective_mode === 'off') {
    return (
      <Blank title="This pixel is off">
        <p>Its image is shown, and nothing is kept of who looks.</p>
      </Blank>
    );
  }
  return (
    <Blank title="Nobody has looked yet">
      <p>Put the HTML into a mail and send it, or try it here: the hit shows up by itself.</p>
      <a className="button" href={pixel.image_url} target="_blank" rel="noreferrer">
        Open the image
      </a>
    </Blank>
  );
}

function Claim({ code, hit }: { readonly code: string; readonly hit: Hit }) {
  const claim = useClaim(code);
  const isMine = isOwn(hit.own);
  const words = hit.own === 'claimed' ? 'Undo “that was me”' : 'That was not me';
  return (
    <>
      <Button
        kind="quiet"
        disabled={claim.isPending}
        onClick={() => claim.mutate({ id: hit.id, own: !isMine })}
      >
        {isMine ? words : 'That was me'}
      </Button>
      {claim.error !== null && (
        <p className="failure" role="alert">
          {claim.error.message}
        </p>
      )}
    </>
  );
}
