// Where a person opens the dashboard: what the greeting and sign-in links lead to.

import type { Config } from './config.ts';
import { defaultBaseUrl } from './options.ts';

type Place = Pick<Config, 'host' | 'port' | 'apiPort' | 'baseUrl'>;

/**
 * BASE_URL when somebody set one that leads to the API, since cookies are made for it; else this machine's
 * own address. Without a slash at its end.
 */
export function dashboardUrl(config: Place): string {
  const { apiPort, baseUrl, port } = config;
  return apiPort === null && baseUrl !== defaultBaseUrl(port) ? baseUrl : localApiUrl(config);
}

/** The API's address for who sits at this machine, whatever proxy or name BASE_URL stands for. */
export function localApiUrl({ host, apiPort, port }: Place): string {
  return localUrl(host, apiPort ?? port);
}

/** Reachable from this machine. */
export function localUrl(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://localhost:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
