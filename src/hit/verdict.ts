// What a hit is believed to be. A verdict is computed from a hit's facts by the loader and kept beside them,
// so that it can be computed again when the rules improve. Only where the facts are not to be kept does
// the collector judge first (event.ts, Withheld).

export type VerdictClass =
  | 'human-mail'
  | 'human-browser'
  | 'gmail-proxy'
  | 'yahoo-proxy'
  | 'other-proxy'
  | 'apple-mpp'
  | 'prefetch'
  | 'security-scanner'
  | 'link-preview'
  | 'crawler'
  | 'http-library'
  | 'unknown';

/** Why: a closed set. A reason belongs to one class only, so that the class follows from it. */
export const CLASS_OF_REASON = {
  'mail-client-token': 'human-mail',
  'webkit-without-browser': 'human-mail',
  'browser-agent': 'human-browser',
  'app-agent': 'human-browser',
  'gmail-proxy-token': 'gmail-proxy',
  'yahoo-proxy-token': 'yahoo-proxy',
  'mail-proxy-token': 'other-proxy',
  'apple-mpp-listed': 'apple-mpp',
  'apple-mpp-bare-agent': 'apple-mpp',
  'prefetch-header': 'prefetch',
  'gmail-prefetch-agent': 'prefetch',
  'scanner-network': 'security-scanner',
  'scanner-token': 'security-scanner',
  'scanner-behaviour': 'security-scanner',
  'link-preview-token': 'link-preview',
  'crawler-token': 'crawler',
  'crawler-words': 'crawler',
  'http-library-token': 'http-library',
  'no-agent': 'unknown',
  'unrecognised-agent': 'unknown',
  'not-judged': 'unknown',
} as const satisfies Record<string, VerdictClass>;

export type Reason = keyof typeof CLASS_OF_REASON;

export const DEVICES = ['desktop', 'mobile', 'tablet', 'tv', 'console', 'watch'] as const;
export type Device = (typeof DEVICES)[number];

export interface Verdict {
  readonly class: VerdictClass;
  readonly reason: Reason;
  /** `Thunderbird`, `Chrome`, `Gmail`, `Slackbot` …; null when it cannot be named. */
  readonly client: string | null;
  /** `Windows`, `macOS`, `iOS`, `Android`, `Linux` …; only for people. */
  readonly os: string | null;
  /** Only for people. */
  readonly device: Device | null;
  /** ISO 3166-1 alpha-2 in capitals; only for people, whose address is their own. */
  readonly country: string | null;
}

/** The facts of a hit that a verdict rests on; a `Hit` is one. */
export interface Evidence {
  readonly agent: string | null;
  /** In canonical form; empty when it is not known. */
  readonly address: string;
  /** `Sec-Purpose`, `Purpose` or `X-Moz`. */
  readonly purpose: string | null;
}

/** A verdict that says nothing of a person: a machine's, a proxy's, or none at all. */
export function impersonal(reason: Reason, client: string | null): Verdict {
  const none = { os: null, device: null, country: null };
  return { class: CLASS_OF_REASON[reason], reason, client, ...none };
}

/** Whether a person looked with this very client: only then do address and device tell about a person. */
export function isPerson(verdictClass: VerdictClass): boolean {
  return verdictClass === 'human-mail' || verdictClass === 'human-browser';
}

/**
 * How it is known whether a hit is the operator's own look: an address of IGNORED_ADDRESSES, a browser
 * that followed the ignore link, or somebody's word, which outweighs both.
 */
export type OwnSign = 'address' | 'browser' | 'claimed' | 'disclaimed';

/** All that is kept beside a hit's facts; every bit of it can be computed again. */
export interface Judgement {
  readonly verdict: Verdict;
  /** Null: nothing speaks for an own look. */
  readonly own: OwnSign | null;
  /**
   * 16 hexadecimal digits: hits of one pixel with the same viewer are looks of one person, or of one mail
   * provider that fetches for any number of them (docs/counting.md).
   */
  readonly viewer: string;
}

/** Of a hit that an older program stored, until it is judged anew. */
export const NOT_JUDGED: Judgement = {
  verdict: impersonal('not-judged', null),
  own: null,
  viewer: '0000000000000000',
};

/** Whether the hit counts as the operator's own. */
export function isOwn(own: OwnSign | null): boolean {
  return own !== null && own !== 'disclaimed';
}
