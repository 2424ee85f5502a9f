// What becomes of a request for a tracking image, as a closed set, and the part of it that the request itself
// decides: whether its code is one of ours. The rest is the journal's to say.

import type { Config } from '../config/config.ts';
import type { CodeAuthority } from '../hit/code.ts';
import type { AppendOutcome } from '../journal/journal.ts';
import { CODE_CACHE_ENTRIES_MAX } from '../limits.ts';
import type { ImageStatus } from './image.ts';
import type { PixelRequest } from './request.ts';
import { Recent } from './recent.ts';

/** Every request for a tracking image ends as exactly one of these; metrics count them by kind. */
export const OUTCOMES = [
  /** The hit is durable. The only one that is a hit. */
  'kept',
  /** What stands where a code belongs is none. */
  'code-malformed',
  /** The code's MAC is not ours. */
  'code-unknown',
  /** The journal refused it (AppendOutcome says why). */
  'journal-busy',
  'journal-full',
  'journal-down',
  /** The journal took it, and its batch could not be made durable. */
  'commit-failed',
  /** HEAD and OPTIONS ask about the image; they do not fetch it. */
  'head-not-counted',
  'options-not-counted',
  /** Any other method: 405. */
  'method-refused',
] as const;

export type Outcome = (typeof OUTCOMES)[number];

type CodeRefusal = 'code-malformed' | 'code-unknown';
/** How a GET can end. */
export type ImageOutcome =
  | 'kept'
  | CodeRefusal
  | Exclude<AppendOutcome, 'queued'>
  | 'commit-failed';

/** The image comes with 200, unless a hit that should have been kept was not. */
export function imageStatus(outcome: ImageOutcome): ImageStatus {
  return outcome === 'kept' || outcome === 'code-malformed' || outcome === 'code-unknown'
    ? 200
    : 503;
}

export class Admission {
  readonly #codes: Pick<CodeAuthority, 'verify'>;
  readonly #codeCheck: Config['codeCheck'];
  /** Right codes only: noise cannot push them out. */
  readonly #right = new Recent<true>(CODE_CACHE_ENTRIES_MAX);

  constructor(codes: Pick<CodeAuthority, 'verify'>, codeCheck: Config['codeCheck']) {
    this.#codes = codes;
    this.#codeCheck = codeCheck;
  }

  /** Null: the hit is to be kept. */
  refusal(request: PixelRequest): CodeRefusal | null {
    if (request.kind === 'visit') return null;
    if (!request.codeOk) return 'code-malformed';
    if (this.#codeCheck === 'off') return null;
    const code = request.bytes.toString('latin1', request.codeStart, request.codeEnd);
    if (this.#right.get(code) === true) return null;
    if (!this.#codes.verify(code)) return 'code-unknown';
    this.#right.set(code, true);
    return null;
  }
}
