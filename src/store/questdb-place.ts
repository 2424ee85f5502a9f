// Where the two doors of a QuestDB are: the PostgreSQL one, which CONN_STRING names, and the HTTP one, which
// is named by QUESTDB_ILP or follows from the first. A URL that cannot be read is told without its password.

import { StoreError } from './store.ts';

const HTTP_PORT = 9000;
const HTTPS_PORT = 443;

export interface HttpDoor {
  readonly secure: boolean;
  /** An IPv6 address without its brackets. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** Throws {@link StoreError}. */
export function httpDoor(connString: string, ilpUrl: string | null): HttpDoor {
  const sql = readUrl('CONN_STRING', connString);
  if (ilpUrl === null) return { ...doorOf('CONN_STRING', sql), secure: false, port: HTTP_PORT };
  return doorOf('QUESTDB_ILP', readUrl('QUESTDB_ILP', ilpUrl));
}

function readUrl(option: string, text: string): URL {
  if (URL.canParse(text)) return new URL(text);
  throw new StoreError(`${option} is no URL`, false);
}

function doorOf(option: string, url: URL): HttpDoor {
  const secure = url.protocol === 'https:';
  return {
    secure,
    host: url.hostname.replace(/^\[(.+)\]$/, '$1'),
    port: Number(url.port) || (secure ? HTTPS_PORT : HTTP_PORT),
    user: decoded(option, url.username),
    password: decoded(option, url.password),
  };
}

function decoded(option: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    const message = `in ${option} the user or the password has a % that must be written as %25`;
    throw new StoreError(message, false, { cause: error });
  }
}

/** For a URL or a message: an IPv6 address has its brackets. */
export function placeOf({ host, port }: HttpDoor): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
