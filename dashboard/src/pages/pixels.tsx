// All pixels: searched, filtered, sorted, and what became of each.

import { ExportMenu } from '../parts/export-menu.tsx';
import { Blank } from '../parts/blank.tsx';
import { Button } from '../parts/button.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { MintButton } from '../mint/mint-button.tsx';
import { filtersOf, isNarrowed, queryOf, readPixelsChoice } from '../pixels/choice.ts';
import { PixelFilters } from '../pixels/pixel-filters.tsx';
import { PixelTable } from '../pixels/pixel-table.tsx';
import { usePixels } from '../pixels/queries.ts';
import { choose, usePlace } from '../place/location.ts';
import { plural } from '../words.ts';

export default function Pixels() {
  const { search } = usePlace();
  const choice = readPixelsChoice(search);
  const pixels = usePixels(queryOf(choice));
  const { data, error } = pixels;
  const rows = data?.pages.flatMap((page) => page.pixels) ?? [];
  const total = data?.pages.at(-1)?.total ?? 0;
  return (
    <>
      <PixelFilters choice={choice} />
      {error !== null && <Trouble error={error} onRetry={() => void pixels.refetch()} />}
      {data === undefined && error === null && <Waiting what="Looking for pixels" />}
      {data !== undefined && (
        <div className="answer" aria-busy={pixels.isPlaceholderData}>
          <div className="list-head">
            <p role="status">
              {rows.length < total
                ? `${rows.length} of ${plural(total, 'pixel')}`
                : plural(total, 'pixel')}
            </p>
            {total > 0 && (
              <ExportMenu path="/v1/export/pixels" query={filtersOf(choice)} what="these pixels" />
            )}
          </div>
          {total === 0 && <NoPixels isNarrowed={isNarrowed(choice)} />}
          {total > 0 && <PixelTable pixels={rows} choice={choice} />}
          {pixels.hasNextPage && (
            <p className="list-more">
              <Button
                disabled={pixels.isFetchingNextPage}
                onClick={() => void pixels.fetchNextPage()}
              >
                {pixels.isFetchingNextPage ? 'Loading …' : 'Show more'}
              </Button>
            </p>
          )}
        </div>
      )}
    </>
  );
}

function NoPixels({ isNarrowed }: { readonly isNarrowed: boolean }) {
  if (!isNarrowed) {
    return (
      <Blank title="No pixels yet">
        <p>
          A pixel is an image of one dot. Mint one, put its HTML into a mail or a page, and every
          look at it shows up here.
        </p>
        <MintButton />
      </Blank>
    );
  }
  const none = { search: null, campaign: null, mode: null, opened: null };
  return (
    <Blank title="No pixel matches">
      <p>Search looks in labels, campaigns, recipients and codes.</p>
      <Button onClick={() => choose(none)}>Show all pixels</Button>
    </Blank>
  );
}
