// The rows of the option table that decide what a hit is believed to be, how it is counted, and how much
// of it is kept.

import { z } from 'zod';
import {
  REPEAT_SECONDS_DEFAULT,
  SCAN_CODES_SECONDS_DEFAULT,
  SCAN_NETWORK_SECONDS_DEFAULT,
  SCAN_SENT_SECONDS_DEFAULT,
} from '../limits.ts';
import type { Options } from './option.ts';
import * as value from './values.ts';

type Judging =
  | 'appleEgressFile'
  | 'scannerNetworksFile'
  | 'countryFile'
  | 'scanNetworkSeconds'
  | 'scanSentSeconds'
  | 'scanCodesSeconds'
  | 'ignoredAddresses'
  | 'repeatSeconds'
  | 'pixelMode'
  | 'privacy'
  | 'hitDays';

export const JUDGING_OPTIONS: Options<Judging> = {
  appleEgressFile: {
    summary: 'Apple’s list of its relays’ networks, which makes privacy prefetches certain',
    placeholder: 'FILE',
    defaultText: 'unset: no list',
    roles: ['judge'],
    expected: 'the path of a CSV file (prefix,country,region,city)',
    schema: value.path,
    fallback: () => null,
  },
  scannerNetworksFile: {
    summary: 'List of scanners’ networks',
    placeholder: 'FILE|shipped|off',
    defaultText: 'shipped',
    roles: ['judge'],
    expected: 'the path of a CSV file (prefix,kind,name,source), shipped or off',
    schema: value.orOff(value.pathOrShipped),
    fallback: () => 'shipped',
    format: (file) => file ?? 'off',
  },
  countryFile: {
    summary: 'Database of countries by address, in MaxMind’s format',
    placeholder: 'FILE|shipped|off',
    defaultText: 'shipped',
    roles: ['judge'],
    expected: 'the path of an .mmdb file, shipped or off',
    schema: value.orOff(value.pathOrShipped),
    fallback: () => 'shipped',
    format: (file) => file ?? 'off',
  },
  scanNetworkSeconds: {
    summary: 'So long after sending, a hit from a mail-security network is a sign of a scanner',
    placeholder: 'SECONDS',
    defaultText: String(SCAN_NETWORK_SECONDS_DEFAULT),
    roles: ['judge'],
    expected: 'a whole number from 0 to 86400',
    schema: value.whole(0, 86_400),
    fallback: () => SCAN_NETWORK_SECONDS_DEFAULT,
  },
  scanSentSeconds: {
    summary: 'A hit so soon after sending is a sign of a scanner',
    placeholder: 'SECONDS',
    defaultText: String(SCAN_SENT_SECONDS_DEFAULT),
    roles: ['judge'],
    expected: 'a whole number from 0 to 86400',
    schema: value.whole(0, 86_400),
    fallback: () => SCAN_SENT_SECONDS_DEFAULT,
  },
  scanCodesSeconds: {
    summary:
      'Three different codes from one address within so many seconds are a sign of a scanner',
    placeholder: 'SECONDS',
    defaultText: String(SCAN_CODES_SECONDS_DEFAULT),
    roles: ['judge'],
    expected: 'a whole number from 0 to 86400',
    schema: value.whole(0, 86_400),
    fallback: () => SCAN_CODES_SECONDS_DEFAULT,
  },
  ignoredAddresses: {
    summary: 'Addresses and networks whose looks are your own and not counted',
    placeholder: 'CIDR,…|none',
    defaultText: 'none',
    roles: ['loader', 'collector'],
    expected: 'addresses or networks such as 10.0.0.0/8, separated by commas',
    schema: value.networks,
    fallback: () => [],
    format: (networks) => (networks.length === 0 ? null : networks.join(',')),
  },
  repeatSeconds: {
    summary: 'A look so soon after the same viewer’s look before is counted as a repeat',
    placeholder: 'SECONDS',
    defaultText: String(REPEAT_SECONDS_DEFAULT),
    roles: ['api'],
    expected: 'a whole number from 0 to 86400',
    schema: value.whole(0, 86_400),
    fallback: () => REPEAT_SECONDS_DEFAULT,
  },
  pixelMode: {
    summary: 'What is kept of visits, and of hits on pixels that have no mode of their own',
    placeholder: 'individual|aggregate|off',
    defaultText: 'individual',
    roles: ['collector', 'consumer', 'importer', 'api'],
    expected: 'individual, aggregate (counts only) or off (nothing)',
    schema: z.enum(['individual', 'aggregate', 'off']),
    fallback: () => 'individual',
  },
  privacy: {
    summary: 'strict keeps no address, agent or recipient and honours Sec-GPC and DNT',
    placeholder: 'standard|strict',
    defaultText: 'standard',
    roles: ['collector', 'consumer', 'importer', 'api'],
    expected: 'standard or strict',
    schema: z.enum(['standard', 'strict']),
    fallback: () => 'standard',
  },
  hitDays: {
    summary: 'Days that hits are kept in the store; 0 keeps them for good',
    placeholder: 'DAYS',
    defaultText: '0',
    roles: ['loader'],
    expected: 'a whole number from 0 to 36500',
    schema: value.whole(0, 36_500),
    fallback: () => 0,
  },
};
