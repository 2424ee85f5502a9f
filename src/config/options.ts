// The option table (rows of judging and privacy are in options-judging.ts): each row yields an
// environment variable (`API_PORT`), a flag (`--api-port`), a key of the configuration file (`API_PORT`),
// a line of `--help` and a row of docs/configuration.md.

import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';

import { z } from 'zod';

import {
  DISK_FREE_BYTES_DEFAULT,
  JOURNAL_BYTES_DEFAULT,
  SEGMENT_BYTES_DEFAULT,
  STORE_MEMORY_BYTES_DEFAULT,
} from '../limits.ts';
import type { OptionName, Options, Role } from './option.ts';
import { JUDGING_OPTIONS } from './options-judging.ts';
import { visitLogPath } from './paths.ts';
import * as value from './values.ts';

export const OPTIONS: Options<OptionName> = {
  port: {
    summary: 'Port of the public listener; 0 picks a free one',
    placeholder: 'PORT',
    defaultText: '8000',
    roles: ['collector', 'api'],
    expected: 'a port from 0 to 65535',
    schema: value.port,
    fallback: () => 8000,
  },
  host: {
    summary: 'Address that the listeners bind',
    placeholder: 'ADDRESS',
    defaultText: '0.0.0.0',
    roles: ['collector', 'api'],
    expected: 'an IP address or a host name',
    schema: value.host,
    fallback: () => '0.0.0.0',
  },
  baseUrl: {
    summary: 'Prefix of the image URLs that are handed out',
    placeholder: 'URL',
    defaultText: 'http://localhost:$PORT',
    roles: ['api'],
    expected: 'an absolute http or https URL without query, fragment or password',
    schema: value.baseUrl,
    fallback: ({ port }) => defaultBaseUrl(port),
  },
  dataDir: {
    summary: 'Folder of the journal, the embedded store and the secrets',
    placeholder: 'FOLDER',
    defaultText: './data',
    roles: 'every',
    expected: 'the path of a folder',
    schema: value.path,
    fallback: () => resolve('data'),
  },
  apiPort: {
    summary: 'Port of its own for the API; the public port then answers 404 for it',
    placeholder: 'PORT',
    defaultText: 'unset: it shares the public port',
    roles: ['collector', 'api'],
    expected: 'a port from 0 to 65535',
    schema: value.port,
    fallback: () => null,
  },
  apiToken: {
    summary: 'Bearer token for API and metrics',
    placeholder: 'TOKEN',
    defaultText: 'generated at first start and kept in $DATA_DIR/secrets',
    roles: ['collector', 'api'],
    expected: 'at least 16 printable ASCII characters without spaces',
    schema: value.token,
    fallback: () => null,
    secret: true,
  },
  apiAuth: {
    summary: 'Whether the API asks for the token; none is for a trusted network',
    placeholder: 'token|none',
    defaultText: 'token',
    roles: ['collector', 'api'],
    expected: 'token or none',
    schema: z.enum(['token', 'none']),
    fallback: () => 'token',
  },
  metricsAuth: {
    summary: 'Whether /metrics asks for the token',
    placeholder: 'token|none',
    defaultText: 'token',
    roles: ['collector', 'api'],
    expected: 'token or none',
    schema: z.enum(['token', 'none']),
    fallback: () => 'token',
  },
  corsOrigins: {
    summary: 'Web pages of other origins that may use the API, with a bearer token of their own',
    placeholder: 'ORIGIN,…|none',
    defaultText: 'none',
    roles: ['api'],
    expected: 'origins such as https://app.example, separated by commas, or none',
    schema: value.origins,
    fallback: () => [],
    format: (origins) => (origins.length === 0 ? null : origins.join(',')),
  },
  connString: {
    summary: 'Address of QuestDB as a PostgreSQL URL; QuestDB is then the store',
    placeholder: 'URL',
    defaultText: 'unset: the embedded store',
    roles: ['loader', 'importer', 'api'],
    expected: 'a URL such as postgresql://admin:quest@localhost:8812/qdb',
    schema: value.postgresUrl,
    fallback: () => null,
    // A connection string usually carries a password.
    secret: true,
  },
  questdbIlp: {
    summary: 'Where QuestDB takes writes (ILP over HTTP), with a user of its own if it needs one',
    placeholder: 'URL',
    defaultText: 'http, port 9000, with host, user and password of $CONN_STRING',
    roles: ['loader'],
    expected: 'an http or https URL without a path, such as http://localhost:9000',
    schema: value.httpOrigin,
    fallback: () => null,
    secret: true,
  },
  visitLog: {
    summary: 'The plain-text visit log; off writes none',
    placeholder: 'FILE|off',
    defaultText: '$DATA_DIR/visits.log',
    roles: ['loader'],
    expected: 'the path of a file, or off',
    schema: value.orOff(value.path),
    fallback: ({ dataDir }) => visitLogPath(dataDir),
    format: (file) => file ?? 'off',
  },
  trustedProxies: {
    summary: 'Networks whose X-Forwarded-For is believed, walked right to left',
    placeholder: 'CIDR,…|none',
    defaultText: 'none',
    roles: ['collector', 'api'],
    expected: 'addresses or networks such as 10.0.0.0/8, separated by commas',
    schema: value.networks,
    fallback: () => [],
    format: (networks) => (networks.length === 0 ? null : networks.join(',')),
  },
  collectors: {
    summary: 'Collector processes, which share the public port',
    placeholder: 'COUNT',
    defaultText: 'processor cores − 1, at least 1',
    roles: ['supervisor'],
    expected: 'a whole number from 1 to 128',
    schema: value.whole(1, 128),
    fallback: () => Math.min(128, Math.max(1, availableParallelism() - 1)),
  },
  ipPolicy: {
    summary: 'How much of a client address is kept, decided before it touches the disk',
    placeholder: 'full|truncate|none',
    defaultText: 'full',
    roles: ['collector', 'consumer', 'importer'],
    expected: 'full, truncate (/24 and /48) or none',
    schema: z.enum(['full', 'truncate', 'none']),
    fallback: () => 'full',
  },
  codeCheck: {
    summary: 'Whether a code must carry our MAC for its hits to be kept',
    placeholder: 'mac|off',
    defaultText: 'mac',
    roles: ['collector', 'importer'],
    expected: 'mac or off',
    schema: z.enum(['mac', 'off']),
    fallback: () => 'mac',
  },
  codeSecret: {
    summary: 'Secret of the codes, the same on all machines that serve each other’s pixels',
    placeholder: 'SECRET',
    defaultText: 'generated at first start and kept in $DATA_DIR/secrets',
    roles: ['collector', 'api'],
    expected: 'at least 32 printable ASCII characters without spaces',
    schema: value.secret,
    fallback: () => null,
    secret: true,
  },
  segmentBytes: {
    summary: 'Size at which a journal segment is closed and a new one begun',
    placeholder: 'SIZE',
    defaultText: value.formatBytes(SEGMENT_BYTES_DEFAULT),
    roles: ['journal-writer'],
    expected: 'a size from 1MiB to 1GiB',
    schema: value.bytes('1MiB', '1GiB'),
    fallback: () => SEGMENT_BYTES_DEFAULT,
  },
  journalBytesMax: {
    summary:
      'Bound of journal and archive together; past it the oldest archive goes, then replies are 503',
    placeholder: 'SIZE',
    defaultText: value.formatBytes(JOURNAL_BYTES_DEFAULT),
    roles: ['journal-writer', 'loader'],
    expected: 'a size of at least 4MiB',
    schema: value.bytes('4MiB', '8191TiB'),
    fallback: () => JOURNAL_BYTES_DEFAULT,
  },
  diskFreeBytesMin: {
    summary: 'What is left free on the disk for everybody else; replies are 503 below it',
    placeholder: 'SIZE',
    defaultText: value.formatBytes(DISK_FREE_BYTES_DEFAULT),
    roles: ['journal-writer', 'loader'],
    expected: 'a size such as 256MiB, or 0',
    schema: value.bytes('0', '8191TiB'),
    fallback: () => DISK_FREE_BYTES_DEFAULT,
  },
  archiveDays: {
    summary: 'Days that journal segments are kept after loading; 0 keeps them while there is room',
    placeholder: 'DAYS',
    defaultText: '0',
    roles: ['loader', 'relay'],
    expected: 'a whole number from 0 to 36500',
    schema: value.whole(0, 36_500),
    fallback: () => 0,
  },
  snsTopic: {
    summary: 'SNS topic to which events are relayed; truepixel aws-setup makes one',
    placeholder: 'ARN',
    defaultText: 'unset: events stay on this machine',
    roles: ['relay'],
    expected: 'the ARN of a topic, such as arn:aws:sns:eu-west-1:123456789012:truepixel',
    schema: value.topicArn,
    fallback: () => null,
  },
  sqsQueue: {
    summary: 'SQS queue from which the events of other machines are taken in',
    placeholder: 'URL|ARN|NAME',
    defaultText: 'unset: only events of this machine are stored',
    roles: ['consumer'],
    expected: 'the URL, the ARN or the name of a queue',
    schema: value.queue,
    fallback: () => null,
  },
  storeMemoryBytes: {
    summary: 'Memory that the embedded store may use',
    placeholder: 'SIZE',
    defaultText: value.formatBytes(STORE_MEMORY_BYTES_DEFAULT),
    roles: ['loader'],
    expected: 'a size of at least 64MiB',
    schema: value.bytes('64MiB', '8191TiB'),
    fallback: () => STORE_MEMORY_BYTES_DEFAULT,
  },
  ...JUDGING_OPTIONS,
  logLevel: {
    summary: 'Least important log lines that are written to stderr',
    placeholder: 'LEVEL',
    defaultText: 'info',
    roles: 'every',
    expected: 'fatal, error, warn, info, debug or silent',
    schema: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']),
    fallback: () => 'info',
  },
};

export const OPTION_NAMES = Object.keys(OPTIONS) as readonly OptionName[];

/** The variable, and the file's key, of an option: `apiPort` → `API_PORT`. */
export function variableOf(name: OptionName): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

/** The flag of an option: `apiPort` → `--api-port`. */
export function flagOf(name: OptionName): string {
  return `--${variableOf(name).toLowerCase().replaceAll('_', '-')}`;
}

/** What `BASE_URL` is when only the port is known. */
export function defaultBaseUrl(port: number): string {
  return port === 80 ? 'http://localhost' : `http://localhost:${port}`;
}

/** The options that any of `roles` reads, in the table's order. */
export function optionsOf(roles: readonly Role[]): readonly OptionName[] {
  return OPTION_NAMES.filter((name) => {
    const readers = OPTIONS[name].roles;
    return readers === 'every' || roles.some((role) => readers.includes(role));
  });
}
