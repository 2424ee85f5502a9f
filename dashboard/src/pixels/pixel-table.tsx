// The list of pixels: a table on a wide screen, cards on a phone, for screen readers a table on both.
/* oxlint-disable jsx-a11y/no-redundant-roles, jsx-a11y/no-interactive-element-to-noninteractive-role --
   Safari forgets what a table is once a phone’s style makes blocks of its parts */

import { Link } from '../place/link.tsx';
import { choose } from '../place/location.ts';
import { useZone } from '../place/use-range.ts';
import { Sent } from '../parts/sent.tsx';
import { formatCount, formatTime } from '../words.ts';
import type { Pixel } from './answers.ts';
import { naturalOrder, type PixelsChoice, type Sort } from './choice.ts';
import { nameOf } from './name.ts';

const SHORT: Intl.DateTimeFormatOptions = {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
};

interface PixelTableProps {
  readonly pixels: readonly Pixel[];
  readonly choice: PixelsChoice;
}

export function PixelTable({ pixels, choice }: PixelTableProps) {
  return (
    <table className="listing pixel-table" role="table">
      <thead role="rowgroup">
        <tr role="row">
          <Heading choice={choice} sort="label">
            Pixel
          </Heading>
          <Heading choice={choice} sort="campaign">
            Campaign
          </Heading>
          <Heading choice={choice} sort="sent_at">
            Sent
          </Heading>
          <Heading choice={choice} sort="created_at" className="minted">
            Minted
          </Heading>
          <Heading className="number">Opens</Heading>
          <Heading className="number">Unique</Heading>
          <Heading className="number">Unverified</Heading>
          <Heading className="number">Machine</Heading>
          <Heading>Last hit</Heading>
        </tr>
      </thead>
      <tbody role="rowgroup">
        {pixels.map((pixel) => (
          <Row key={pixel.code} pixel={pixel} />
        ))}
      </tbody>
    </table>
  );
}

interface HeadingProps {
  readonly choice?: PixelsChoice;
  readonly sort?: Sort;
  readonly className?: string;
  readonly children: string;
}

function Heading({ choice, sort, className, children }: HeadingProps) {
  if (sort === undefined || choice === undefined) {
    return (
      <th role="columnheader" scope="col" className={className}>
        {children}
      </th>
    );
  }
  const isSorted = choice.sort === sort;
  const other = choice.order === 'asc' ? 'desc' : 'asc';
  const order = isSorted ? other : naturalOrder(sort);
  return (
    <th
      role="columnheader"
      scope="col"
      aria-sort={isSorted ? SORTED[choice.order] : undefined}
      className={className}
    >
      <button type="button" className="sort-by" onClick={() => choose({ sort, order })}>
        {children}
        <span aria-hidden="true">{isSorted ? ARROWS[choice.order] : ''}</span>
      </button>
    </th>
  );
}

const SORTED = { asc: 'ascending', desc: 'descending' } as const;
const ARROWS = { asc: ' ↑', desc: ' ↓' } as const;

function Row({ pixel }: { readonly pixel: Pixel }) {
  const zone = useZone();
  const { code, campaign, recipient, label, counts, effective_mode: mode } = pixel;
  const time = (at: string | null) =>
    at === null ? (
      <span className="none">–</span>
    ) : (
      <time dateTime={at}>{formatTime(at, zone, SHORT)}</time>
    );
  const isNamedByRecipient = label === null;
  return (
    <tr role="row">
      <th role="rowheader" scope="row">
        <Link to={`/pixels/${encodeURIComponent(code)}`}>
          <Sent text={nameOf(pixel)} />
        </Link>
        <span className="row-below">
          {!isNamedByRecipient && recipient !== null && (
            <span className="row-recipient">
              <Sent text={recipient} />
            </span>
          )}
          {nameOf(pixel) !== code && <code>{code}</code>}
          {mode !== 'individual' && <span className="tag">{mode}</span>}
        </span>
      </th>
      <td role="cell" data-label="Campaign">
        {campaign === null ? <span className="none">–</span> : <Sent text={campaign} />}
      </td>
      <td role="cell" data-label="Sent" className="time">
        {time(pixel.sent_at)}
      </td>
      <td role="cell" data-label="Minted" className="time minted">
        {time(pixel.created_at)}
      </td>
      <Count label="Opens" count={counts.opens} isMain />
      <Count label="Unique" count={counts.unique_opens} />
      <Count label="Unverified" count={counts.unverified} />
      <Count label="Machine" count={counts.machine} />
      <td role="cell" data-label="Last hit" className="time">
        {time(pixel.last_hit_at)}
      </td>
    </tr>
  );
}

interface CountProps {
  readonly label: string;
  readonly count: number;
  readonly isMain?: boolean;
}

/** A nought says little, so it steps back. */
function Count({ label, count, isMain = false }: CountProps) {
  const weight = isMain ? 'number main-number' : 'number';
  return (
    <td role="cell" data-label={label} className={count === 0 ? 'number nought' : weight}>
      {formatCount(count)}
    </td>
  );
}
