// What becomes of a request for a tracking image, as a closed set, and the part of it that the request itself
// decides: whether its code is one of ours, and how much may be kept of it. The rest is the journal's to say.

import type { Config, PixelMode } from '../config/config.ts';
import type { CodeAuthority } from '../hit/code.ts';
import type { PixelModes } from '../hit/pixel-modes.ts';
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
  /** Of this pixel, or of visits, nothing is to be kept. */
  'mode-off',
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

type Refusal = 'code-malformed' | 'code-unknown' | 'mode-off';
/** Why nothing is kept of a request, or in which mode its hit is. */
type Admitted = Refusal | Exclude<PixelMode, 'off'>;
/** How a GET can end. */
export type ImageOutcome = 'kept' | Refusal | Exclude<AppendOutcome, 'queued'> | 'commit-failed';

const UNKEPT_BY_RIGHT: ReadonlySet<ImageOutcome> = new Set([
  'code-malformed',
  'code-unknown',
  'mode-off',
]);

/** The image comes with 200, unless a hit that should have been kept was not. */
export function imageStatus(outcome: ImageOutcome): ImageStatus {
  return outcome === 'kept' || UNKEPT_BY_RIGHT.has(outcome) ? 200 : 503;
}

interface AdmissionParts {
  readonly codes: Pick<CodeAuthority, 'verify'>;
  readonly modes: Pick<PixelModes, 'find' | 'onChange'>;
  readonly config: Pick<Config, 'codeCheck' | 'pixelMode'>;
}

export class Admission {
  readonly #codes: AdmissionParts['codes'];
  readonly #modes: AdmissionParts['modes'];
  readonly #codeCheck: Config['codeCheck'];
  readonly #byDefault: PixelMode;
  readonly #visits: Admitted;
  /** Right codes only: noise cannot push them out (but where every code is right). */
  #known = new Recent<Admitted>(CODE_CACHE_ENTRIES_MAX);

  constructor({ codes, modes, config }: AdmissionParts) {
    this.#codes = codes;
    this.#modes = modes;
    this.#codeCheck = config.codeCheck;
    this.#byDefault = config.pixelMode;
    this.#visits = admittedIn(config.pixelMode);
    modes.onChange = () => {
      this.#known = new Recent(CODE_CACHE_ENTRIES_MAX);
    };
  }

  admit(request: PixelRequest): Admitted {
    if (request.kind === 'visit') return this.#visits;
    if (!request.codeOk) return 'code-malformed';
    const code = request.bytes.toString('latin1', request.codeStart, request.codeEnd);
    return this.#known.get(code) ?? this.#learn(code);
  }

  #learn(code: string): Admitted {
    const minted = this.#codes.verify(code);
    if (minted === null && this.#codeCheck === 'mac') return 'code-unknown';
    // What was said later outweighs what the code says.
    const admitted = admittedIn(this.#modes.find(code) ?? minted?.mode ?? this.#byDefault);
    this.#known.set(code, admitted);
    return admitted;
  }
}

function admittedIn(mode: PixelMode): Admitted {
  return mode === 'off' ? 'mode-off' : mode;
}
