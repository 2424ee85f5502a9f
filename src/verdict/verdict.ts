// What a hit is believed to be. A verdict is computed from a hit's facts, never stored in them, so that it
// can be computed again when the rules improve.

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
} as const satisfies Record<string, VerdictClass>;

export type Reason = keyof typeof CLASS_OF_REASON;

export type Device = 'desktop' | 'mobile' | 'tablet' | 'tv' | 'console' | 'watch';

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
