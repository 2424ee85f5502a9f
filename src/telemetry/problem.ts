// How a failure is told over HTTP: a problem document (RFC 9457). The one definition of it, for the API and
// for what the collector answers on paths that are no image.

import { STATUS_CODES } from 'node:http';

export const PROBLEM_TYPE = 'application/problem+json';

export interface Problem {
  /** `about:blank`: the status says it all (RFC 9457 §4.2.1). */
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  /** What went wrong this time, in words for the caller. */
  readonly detail?: string;
  /** Names this occurrence, so that its line in the log can be found. */
  readonly instance?: string;
  /** Extension members, such as `errors` or `processes`. */
  readonly [extension: string]: unknown;
}

/** The document for `status`; `extra` may hold `instance` and extension members. */
export function problem(
  status: number,
  detail?: string,
  extra: Readonly<Record<string, unknown>> = {},
): Problem {
  const title = STATUS_CODES[status] ?? 'Unknown Error';
  return {
    type: 'about:blank',
    title,
    status,
    ...(detail === undefined ? {} : { detail }),
    ...extra,
  };
}
