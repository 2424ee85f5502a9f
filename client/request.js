// One request, as often as it takes: time-outs, what is tried again and when, and how whatever comes back
// becomes an answer or a TruepixelError. On `fetch` alone, so that it runs in browsers as in Node.js.

import { TruepixelError } from './error.js';

/** @typedef {import('./api.js').Problem} Problem */

/**
 * @typedef {object} RequestOptions
 * @property {string} method
 * @property {object | undefined} [query] A list repeats its parameter; null is empty, undefined left out.
 * @property {unknown} [body] Sent as JSON.
 * @property {Readonly<Record<string, string>>} [headers]
 * @property {AbortSignal | undefined} [signal]
 * @property {boolean} [isRepeatable] Whether doing it twice is as good as doing it once.
 */

/**
 * @typedef {object} Settings
 * @property {string} url Without a slash at its end.
 * @property {string | null} token
 * @property {number} timeoutMs
 * @property {number} retries
 * @property {typeof fetch} fetch
 */

/** The first wait before trying again; each further one is twice as long. */
const WAIT_MS = 200;
/** A server that asks for more patience than this is not waited for. */
const WAIT_MS_MAX = 30_000;
const PROBLEM = /^application\/problem\+json\b/i;
const JSON_TYPE = /^application\/(?:json|problem\+json)\b/i;

/**
 * The answer's body, from JSON; undefined when there is none.
 * @param {Settings} settings
 * @param {string} path
 * @param {RequestOptions} options
 * @returns {Promise<any>}
 */
export async function requestJson(settings, path, options) {
  return await withRetries(settings, options, false, async (signal) => {
    const response = await send(settings, path, options, signal);
    return response.status === 204 ? undefined : await readJson(response);
  });
}

/**
 * The answer as it streams. The time-out holds for its beginning only, and its rest is not tried again.
 * @param {Settings} settings
 * @param {string} path
 * @param {RequestOptions} options
 * @returns {Promise<Response>}
 */
export async function requestStream(settings, path, options) {
  return await withRetries(settings, options, true, (signal) =>
    send(settings, path, options, signal),
  );
}

/**
 * @template T
 * @param {Settings} settings
 * @param {RequestOptions} options
 * @param {boolean} streams Whether the answer goes on when the attempt is over.
 * @param {(signal: AbortSignal) => Promise<T>} attempt
 * @returns {Promise<T>}
 */
async function withRetries({ timeoutMs, retries }, options, streams, attempt) {
  const { method, signal, isRepeatable } = options;
  const canRepeat = isRepeatable ?? method !== 'POST';
  for (let tries = 0; ; tries += 1) {
    try {
      return await withTimeout(timeoutMs, signal, streams, attempt);
    } catch (error) {
      const isOver = !(error instanceof TruepixelError) || !error.isPassing || tries >= retries;
      // An answer that says "not done, try again" allows what a lost answer does not.
      if (isOver || !(canRepeat || error.retryAfterMs !== null)) throw error;
      const wait = error.retryAfterMs ?? WAIT_MS * 2 ** tries * (0.5 + Math.random() / 2);
      if (wait > WAIT_MS_MAX) throw error;
      await sleep(wait, signal);
    }
  }
}

/**
 * @template T
 * @param {number} timeoutMs
 * @param {AbortSignal | undefined} outer The caller's; its reason is thrown as it is, as `fetch` does.
 * @param {boolean} streams
 * @param {(signal: AbortSignal) => Promise<T>} attempt
 * @returns {Promise<T>}
 */
async function withTimeout(timeoutMs, outer, streams, attempt) {
  outer?.throwIfAborted();
  // Not AbortSignal.any: Node.js 18 does not have it.
  const inner = new AbortController();
  const abort = () => inner.abort(outer?.reason);
  outer?.addEventListener('abort', abort);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    inner.abort();
  }, timeoutMs);
  try {
    const answer = await attempt(inner.signal);
    // The rest of a stream ends with the caller's signal too.
    if (!streams) outer?.removeEventListener('abort', abort);
    return answer;
  } catch (error) {
    outer?.removeEventListener('abort', abort);
    outer?.throwIfAborted();
    if (error instanceof TruepixelError) throw error;
    const message = isLate
      ? `no answer within ${timeoutMs} ms`
      : `no answer: ${error instanceof Error ? error.message : String(error)}`;
    throw new TruepixelError(message, { isPassing: true, cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Resolves with a success; throws whatever else was answered.
 * @param {Settings} settings
 * @param {string} path
 * @param {RequestOptions} options
 * @param {AbortSignal} signal
 * @returns {Promise<Response>}
 */
async function send({ url, token, fetch }, path, { method, query, body, headers }, signal) {
  const response = await fetch(url + path + queryText(query), {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    // A token is for this server and for no other one.
    redirect: 'manual',
    signal,
  });
  if (response.ok) return response;
  throw await refusalOf(response);
}

/**
 * @param {Response} response
 * @returns {Promise<TruepixelError>}
 */
async function refusalOf(response) {
  const { status, type } = response;
  const retryAfterMs = retryAfter(response.headers.get('retry-after'));
  const problem = await readProblem(response);
  if (type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    const place = response.headers.get('location') ?? 'another place';
    return new TruepixelError(`the server sends us to ${place}: is the url right?`, { status });
  }
  const isPassing =
    retryAfterMs !== null ||
    status === 429 ||
    // A proxy's own words; our server says by Retry-After whether trying again can help.
    (problem === null && (status === 502 || status === 503 || status === 504));
  const detail = problem?.detail ?? problem?.title ?? 'and no problem document with it';
  return new TruepixelError(`${status}: ${detail}`, { status, problem, retryAfterMs, isPassing });
}

/**
 * @param {Response} response
 * @returns {Promise<Problem | null>}
 */
async function readProblem(response) {
  const text = await response.text().catch(() => '');
  if (!PROBLEM.test(response.headers.get('content-type') ?? '')) return null;
  try {
    const problem = JSON.parse(text);
    return typeof problem === 'object' ? problem : null;
  } catch {
    return null;
  }
}

/**
 * @param {Response} response
 * @returns {Promise<unknown>}
 */
async function readJson(response) {
  const { status } = response;
  const type = response.headers.get('content-type') ?? 'no content type';
  const text = await response.text();
  if (JSON_TYPE.test(type)) {
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new TruepixelError(`${status}: an answer that is no JSON`, { status, cause });
    }
  }
  throw new TruepixelError(`${status}: ${type} where JSON should be: is the url right?`, {
    status,
  });
}

/**
 * Milliseconds; null for what says no time.
 * @param {string | null} value Seconds, or a date.
 * @returns {number | null}
 */
function retryAfter(value) {
  if (value === null) return null;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}

/** @param {object} [query] */
function queryText(query = {}) {
  const parameters = new URLSearchParams();
  for (const [name, given] of Object.entries(query)) {
    for (const value of Array.isArray(given) ? given : [given]) {
      if (value !== undefined) parameters.append(name, value === null ? '' : String(value));
    }
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

/**
 * @param {number} ms
 * @param {AbortSignal | undefined} signal Ends the wait with its reason.
 * @returns {Promise<void>}
 */
export function sleep(ms, signal) {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end);
      resolve();
    }, ms);
    signal?.addEventListener('abort', end, { once: true });
    if (signal?.aborted) end();
  });
}
