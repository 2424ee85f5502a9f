// What the rows of an export have: each column's name, what kind of value it is, and where it comes from. The
// formats (export-csv.ts, export-ndjson.ts, export-parquet.ts) write them each in their own way.

import { formatEventId, type JudgedHit } from '../hit/event.ts';
import type { ListedPixel } from '../store/listing.ts';
import type { Counts, PixelNames } from '../store/store.ts';
import type { ApiParts } from './parts.ts';
import { imageUrl, ownMode } from './pixel.ts';

/** `time`: microseconds since 1970 (UTC). `json`: the text of an object. */
export type ColumnKind = 'text' | 'time' | 'count' | 'json';

export interface Column<Row> {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Whether every row has a value. */
  readonly required: boolean;
  readonly of: (row: Row) => string | number | null;
}

/** A hit with what its pixel is called. */
export interface NamedHit extends JudgedHit {
  readonly names: PixelNames;
}

const always = <Row>(name: string, kind: ColumnKind, of: Column<Row>['of']): Column<Row> => ({
  name,
  kind,
  required: true,
  of,
});
const sometimes = <Row>(name: string, kind: ColumnKind, of: Column<Row>['of']): Column<Row> => ({
  name,
  kind,
  required: false,
  of,
});

/** All that is known of a hit: what other answers tell, and `purpose`, which only verdicts need. */
export const HIT_COLUMNS: readonly Column<NamedHit>[] = [
  always('id', 'text', ({ id }) => formatEventId(id)),
  always('kind', 'text', ({ event }) => event.kind),
  always('time_stamp', 'time', ({ event }) => event.at),
  sometimes('uri', 'text', ({ event }) => event.code),
  sometimes('label', 'text', ({ names }) => names.label),
  sometimes('campaign', 'text', ({ names }) => names.campaign),
  always('ip_address', 'text', ({ event }) => event.address),
  sometimes('user_agent', 'text', ({ event }) => event.agent),
  sometimes('referrer', 'text', ({ event }) => event.referrer),
  sometimes('purpose', 'text', ({ event }) => event.purpose),
  always('class', 'text', ({ judgement }) => judgement.verdict.class),
  always('reason', 'text', ({ judgement }) => judgement.verdict.reason),
  sometimes('client', 'text', ({ judgement }) => judgement.verdict.client),
  sometimes('os', 'text', ({ judgement }) => judgement.verdict.os),
  sometimes('device', 'text', ({ judgement }) => judgement.verdict.device),
  sometimes('country', 'text', ({ judgement }) => judgement.verdict.country),
  sometimes('own', 'text', ({ judgement }) => judgement.own),
];

const count = (name: string, of: (counts: Counts) => number): Column<ListedPixel> =>
  always(name, 'count', ({ counts }) => of(counts));

/** All that is said of a pixel, and how often it was looked at. */
export function pixelColumns({
  codes,
  config,
}: Pick<ApiParts, 'codes' | 'config'>): readonly Column<ListedPixel>[] {
  const modeOf = ({ pixel }: ListedPixel) => ownMode(codes, pixel.code, pixel.properties);
  return [
    always('code', 'text', ({ pixel }) => pixel.code),
    always('created_at', 'time', ({ pixel }) => pixel.createdAt),
    always('image_url', 'text', ({ pixel }) => imageUrl(config.baseUrl, pixel.code)),
    sometimes('mode', 'text', modeOf),
    always('effective_mode', 'text', (row) => modeOf(row) ?? config.pixelMode),
    sometimes('sent_at', 'time', ({ pixel }) => pixel.properties.sentAt ?? null),
    sometimes('recipient', 'text', ({ pixel }) => pixel.properties.recipient ?? null),
    sometimes('label', 'text', ({ pixel }) => pixel.properties.label ?? null),
    sometimes('campaign', 'text', ({ pixel }) => pixel.properties.campaign ?? null),
    sometimes('metadata', 'json', ({ pixel }) => metadataOf(pixel.properties.metadata)),
    count('hits', ({ hits }) => hits),
    count('opens', ({ opens }) => opens),
    count('unique_opens', ({ uniqueOpens }) => uniqueOpens),
    count('repeats', ({ repeats }) => repeats),
    count('unverified', ({ unverified }) => unverified),
    count('machine', ({ machine }) => machine),
    count('ignored', ({ ignored }) => ignored),
    sometimes('last_hit_at', 'time', ({ lastHitAt }) => lastHitAt),
  ];
}

/** Only what is JSON: what a journal or a bus brought may be anything. */
function metadataOf(text: string | null | undefined): string | null {
  try {
    return text ? JSON.stringify(JSON.parse(text)) : null;
  } catch {
    return null;
  }
}
