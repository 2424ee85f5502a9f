// What a caller catches: an answer that is no success, or none at all.

/** @typedef {import('./api.js').Problem} Problem */

/** The server refused, did not answer, or answered with something that is none of its answers. */
export class TruepixelError extends Error {
  /**
   * The HTTP status; 0 when there was no answer.
   * @readonly
   * @type {number}
   */
  status;
  /**
   * What the server said is wrong: `detail`, and `errors` field by field. Null when whoever answered was no
   * Truepixel server, or nobody did.
   * @readonly
   * @type {Problem | null}
   */
  problem;
  /**
   * How long the server asked to wait, in milliseconds; null when it did not.
   * @readonly
   * @type {number | null}
   */
  retryAfterMs;
  /**
   * Whether the same request may succeed later. The client has tried again already.
   * @readonly
   * @type {boolean}
   */
  isPassing;

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
  constructor(message, facts = {}) {
    const { status = 0, problem = null, retryAfterMs = null, isPassing = false, cause } = facts;
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'TruepixelError';
    this.status = status;
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
    this.isPassing = isPassing;
  }
}
