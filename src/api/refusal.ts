// What a route throws to answer with a problem document: its status, what to tell the caller, and headers.

import { problem, type Problem } from '../telemetry/problem.ts';

/** Seconds after which a caller may try again what failed for a reason that passes by itself. */
const RETRY_SECONDS = 1;

/** An answer other than success, decided by us: its message may be told to the caller. */
export class Refusal extends Error {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    detail: string,
    extra: Readonly<Record<string, unknown>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.name = 'Refusal';
    this.problem = problem(status, detail, extra);
    this.headers = headers;
  }
}

/** 400 with one entry in `errors` for each parameter that is wrong. */
export function badRequest(errors: readonly { parameter: string; detail: string }[]): Refusal {
  const detail = errors.map((error) => `${error.parameter} ${error.detail}`).join('; ');
  return new Refusal(400, detail, { errors });
}

/** 503 that invites to try again soon. */
export function tryAgain(detail: string, extra: Readonly<Record<string, unknown>> = {}): Refusal {
  return new Refusal(503, detail, extra, { 'retry-after': String(RETRY_SECONDS) });
}

/** Goes on only when the journal has kept `what`, such as `a pixel`; else 503. */
export function demandKept(outcome: 'kept' | 'refused', what: string): void {
  if (outcome !== 'kept') throw tryAgain(`the journal cannot keep ${what} right now`);
}

/**
 * What a file's failing becomes: 503, as nothing is promised that is not durable. Any other error is our
 * mistake and thrown as it is. `what` follows `the disk cannot keep right now`.
 */
export function refuseFullDisk(what: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    if (error.syscall === undefined) throw error;
    throw tryAgain(`the disk cannot keep right now ${what}`);
  };
}
