// The few lines that a person reads when the server is up: where things are, and what to type next.

import { join, relative } from 'node:path';

import type { Config } from '../config/config.ts';
import { dashboardUrl, localApiUrl, localUrl } from '../config/dashboard-url.ts';
import type { Missing } from './supervise.ts';

const LINK_COMMAND = 'npx truepixel token link';

export interface Occasion {
  /** Nothing lay in DATA_DIR before: the reader is new here. */
  readonly firstStart: boolean;
  /** With the store process, which answers the API. */
  readonly withApi: boolean;
  /** The token, only if it was generated just now; afterwards it is not shown again. */
  readonly newToken: string | null;
  /** A sign-in link's text, for a person at a terminal. */
  readonly signIn: string | null;
  /** Where a generated token lies; null when the operator gave one. */
  readonly tokenPath: string | null;
  /** The processes that do not work yet, and why. */
  readonly missing: readonly Missing[];
}

/** Ends with a line feed. */
export function greeting(config: Config, occasion: Occasion): string {
  const { firstStart, withApi } = occasion;
  const rows = [
    ['Pixels', config.baseUrl],
    ...(withApi ? apiRows(config, occasion) : []),
    ['Data', shown(config.dataDir)],
    ...(withApi && config.visitLog !== null ? [['Visit log', shown(config.visitLog)]] : []),
  ];
  const lines = rows.map(([label = '', text = '']) => `  ${label.padEnd(11)}${text}`);
  const tryThis = firstStart && withApi ? examples(config, occasion) : [];
  const notYet = occasion.missing.flatMap(({ name, reason }) => [
    '',
    `The ${name} does not work yet: ${reason.replaceAll(/\s+/g, ' ')}.`,
    'Every hit is kept meanwhile. It is tried again and again, and catches up by itself.',
  ]);
  return `\nTruepixel is ready.\n\n${[...lines, ...tryThis, ...notYet].join('\n')}\n\n`;
}

function apiRows(config: Config, { newToken, signIn, tokenPath }: Occasion): string[][] {
  const api = localApiUrl(config);
  const dashboard = dashboardUrl(config);
  if (config.apiAuth === 'none') {
    return [
      ['Dashboard', dashboard],
      ['API', `${api} (no token asked)`],
    ];
  }
  if (newToken !== null) {
    const kept = tokenPath === null ? '' : `kept in ${shown(tokenPath)}, not shown again`;
    return [
      ['Dashboard', `${dashboard}/#token=${newToken}`],
      ['API', api],
      ['Token', kept],
    ];
  }
  const origin = tokenPath === null ? 'the one that API_TOKEN gives' : `in ${shown(tokenPath)}`;
  return [
    ['Dashboard', signIn === null ? dashboard : `${dashboard}/#token=${signIn}`],
    [
      '',
      signIn === null
        ? `sign in: ${LINK_COMMAND}`
        : `good once, within an hour; ${LINK_COMMAND} makes another`,
    ],
    ['API', api],
    ['Token', origin],
  ];
}

function examples(config: Config, { newToken, tokenPath }: Occasion): string[] {
  const url = localApiUrl(config);
  const token = newToken ?? (tokenPath === null ? '$API_TOKEN' : `$(cat ${shown(tokenPath)})`);
  const auth = config.apiAuth === 'none' ? '' : `-H "Authorization: Bearer ${token}" `;
  return [
    '',
    'Mint a pixel, look at it, and read the open back:',
    '',
    `  curl ${auth}${url}/v1/api/gen-image`,
    `  curl -o pixel.png ${localUrl(config.host, config.port)}/image/CODE.png`,
    `  curl ${auth}${url}/v1/api/info/CODE`,
    '',
    'Ctrl-C ends the server.',
  ];
}

/** As short as a path can be written from the working folder. */
function shown(path: string): string {
  const near = relative(process.cwd(), path);
  return near === '' || near.startsWith('..') ? path : join('.', near);
}
