// One request to the API of the server that this page came from. Whatever is not a success becomes a
// Problem, which says what the server said.

import { addressOf } from '../place/root.ts';

/** Values of a query; a list repeats its parameter, what is undefined is left out. */
export type Query = Readonly<
  Record<string, string | number | readonly (string | null)[] | undefined>
>;

interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly query?: Query;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** A parameter or field that was wrong. */
interface Complaint {
  readonly parameter: string;
  readonly detail: string;
}

/** An answer that is no success (RFC 9457), or none at all: then its status is 0. */
export class Problem extends Error {
  readonly status: number;
  readonly errors: readonly Complaint[];

  constructor(status: number, detail: string, errors: readonly Complaint[] = []) {
    super(detail);
    this.name = 'Problem';
    this.status = status;
    this.errors = errors;
  }

  /** Whether the same request may well succeed in a moment. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 502;
  }
}

/** The answer of `path`, such as `/v1/config`; null where it has no body. Throws {@link Problem}. */
export async function request<Answer>(path: string, options: RequestOptions = {}): Promise<Answer> {
  const { method = 'GET', body, headers = {}, signal } = options;
  const withBody = body !== undefined;
  const response = await fetch(addressWith(path, options.query), {
    method,
    credentials: 'same-origin',
    headers: { accept: 'application/json', ...(withBody && JSON_BODY), ...headers },
    ...(withBody && { body: JSON.stringify(body) }),
    ...(signal !== undefined && { signal }),
  }).catch((error: unknown) => {
    if (signal?.aborted === true) throw error;
    throw new Problem(0, 'The server does not answer. Is it running, and are you online?');
  });
  if (!response.ok) throw await problemOf(response);
  const isEmpty = response.status === 204;
  return (isEmpty ? null : await response.json()) as Answer;
}

const JSON_BODY = { 'content-type': 'application/json' };

/** The whole address of `path` with its query, for links to what is no page of ours. */
export function addressWith(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    // An empty value asks for the hits that have none.
    for (const each of [value].flat()) search.append(name, String(each ?? ''));
  }
  return addressOf(search.size === 0 ? path : `${path}?${search.toString()}`);
}

/** What an answer that is no success says. */
export async function problemOf(response: Response): Promise<Problem> {
  const text = await response.text().catch(() => '');
  try {
    const { detail, title, errors } = JSON.parse(text) as Record<string, unknown>;
    const said = [detail, title].find((each) => typeof each === 'string');
    return new Problem(
      response.status,
      said ?? response.statusText,
      Array.isArray(errors) ? (errors as Complaint[]) : [],
    );
  } catch {
    // A proxy's own page, which says nothing that we could show.
    return new Problem(response.status, `The server answered ${response.status}`);
  }
}
