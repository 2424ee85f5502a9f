export type Problem = import('./api.js').Problem;
/** @typedef {import('./api.js').Problem} Problem */
/** The server refused, did not answer, or answered with something that is none of its answers. */
export declare class TruepixelError extends Error {
  /**
   * The HTTP status; 0 when there was no answer.
   * @readonly
   * @type {number}
   */
  readonly status: number;
  /**
   * What the server said is wrong: `detail`, and `errors` field by field. Null when whoever answered was no
   * Truepixel server, or nobody did.
   * @readonly
   * @type {Problem | null}
   */
  readonly problem: Problem | null;
  /**
   * How long the server asked to wait, in milliseconds; null when it did not.
   * @readonly
   * @type {number | null}
   */
  readonly retryAfterMs: number | null;
  /**
   * Whether the same request may succeed later. The client has tried again already.
   * @readonly
   * @type {boolean}
   */
  readonly isPassing: boolean;
  /**
   * @param {string} message
   * @param {{
   *   status?: number,
   *   problem?: Problem | null,
   *   retryAfterMs?: number | null,
   *   isPassing?: boolean,
   *   cause?: unknown,
   * }} [facts]
   */
  constructor(
    message: string,
    facts?: {
      status?: number;
      problem?: Problem | null;
      retryAfterMs?: number | null;
      isPassing?: boolean;
      cause?: unknown;
    },
  );
}
