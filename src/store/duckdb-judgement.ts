// A judgement as the columns of a row of hits, all of them NULL of a hit that nobody judged.

import { type DuckDBType, type DuckDBValue, UBIGINT, UTINYINT, VARCHAR } from '@duckdb/node-api';
import { CLASS_OF_REASON, type Judgement, NOT_JUDGED } from '../hit/verdict.ts';
import {
  CLASS_NUMBER,
  DEVICE_NUMBER,
  namesOf,
  OWN_NUMBER,
  REASON_NUMBER,
} from './duckdb-numbers.ts';

const REASONS = namesOf(REASON_NUMBER);
const DEVICES = namesOf(DEVICE_NUMBER);
const OWN_SIGNS = namesOf(OWN_NUMBER);
const VIEWER_CHARS = 16;

/** In the order of the columns. */
export const JUDGEMENT_TYPES = {
  class: UTINYINT,
  reason: UTINYINT,
  client: VARCHAR,
  os: VARCHAR,
  device: UTINYINT,
  country: VARCHAR,
  own: UTINYINT,
  viewer: UBIGINT,
} as const satisfies Readonly<Record<string, DuckDBType>>;

type JudgementName = keyof typeof JUDGEMENT_TYPES;
export const JUDGEMENT_NAMES = Object.keys(JUDGEMENT_TYPES) as readonly JudgementName[];

const isJudged = ({ verdict, viewer }: Judgement): boolean =>
  verdict.reason !== 'not-judged' || viewer !== NOT_JUDGED.viewer;

export const JUDGEMENT_VALUES: Readonly<
  Record<JudgementName, (judgement: Judgement) => DuckDBValue>
> = {
  class: (judgement) => (isJudged(judgement) ? CLASS_NUMBER[judgement.verdict.class] : null),
  reason: (judgement) => (isJudged(judgement) ? REASON_NUMBER[judgement.verdict.reason] : null),
  client: ({ verdict }) => verdict.client,
  os: ({ verdict }) => verdict.os,
  device: ({ verdict }) => (verdict.device === null ? null : DEVICE_NUMBER[verdict.device]),
  country: ({ verdict }) => verdict.country,
  own: ({ own }) => (own === null ? null : OWN_NUMBER[own]),
  viewer: (judgement) => (isJudged(judgement) ? BigInt(`0x${judgement.viewer}`) : null),
};

/** The reverse, of all columns but `class`, which follows from the reason. */
export function toJudgement(row: readonly DuckDBValue[]): Judgement {
  const [reasonNumber, client, os, device, country, own, viewer] = row;
  const sign = OWN_SIGNS.get(own as number) ?? null;
  if (viewer === null && reasonNumber === null) return { ...NOT_JUDGED, own: sign };
  const reason = REASONS.get(reasonNumber as number) ?? 'not-judged';
  return {
    verdict: {
      class: CLASS_OF_REASON[reason],
      reason,
      client: client as string | null,
      os: os as string | null,
      device: DEVICES.get(device as number) ?? null,
      country: country as string | null,
    },
    own: sign,
    viewer: ((viewer as bigint | null) ?? 0n).toString(16).padStart(VIEWER_CHARS, '0'),
  };
}
