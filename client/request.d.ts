export type Problem = import('./api.js').Problem;
export type RequestOptions = {
  method: string;
  /**
   * A list repeats its parameter; null is empty, undefined left out.
   */
  query?: object | undefined;
  /**
   * Sent as JSON.
   */
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  signal?: AbortSignal | undefined;
  /**
   * Whether doing it twice is as good as doing it once.
   */
  isRepeatable?: boolean;
};
export type Settings = {
  /**
   * Without a slash at its end.
   */
  url: string;
  token: string | null;
  timeoutMs: number;
  retries: number;
  fetch: typeof fetch;
};
/**
 * The answer's body, from JSON; undefined when there is none.
 * @param {Settings} settings
 * @param {string} path
 * @param {RequestOptions} options
 * @returns {Promise<any>}
 */
export declare function requestJson(
  settings: Settings,
  path: string,
  options: RequestOptions,
): Promise<any>;
/**
 * The answer as it streams. The time-out holds for its beginning only, and its rest is not tried again.
 * @param {Settings} settings
 * @param {string} path
 * @param {RequestOptions} options
 * @returns {Promise<Response>}
 */
export declare function requestStream(
  settings: Settings,
  path: string,
  options: RequestOptions,
): Promise<Response>;
/**
 * @param {number} ms
 * @param {AbortSignal | undefined} signal Ends the wait with its reason.
 * @returns {Promise<void>}
 */
export declare function sleep(ms: number, signal: AbortSignal | undefined): Promise<void>;
