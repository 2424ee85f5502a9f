// The settings of a process, validated and with their defaults filled in: what the option table
// (options.ts) loads from flags, environment and file, and all that the rest of the system sees of them.

/**
 * What is kept of the hits of a pixel: all that the address policy leaves; only counts (no address, agent
 * or visitor); nothing at all.
 */
export type PixelMode = 'individual' | 'aggregate' | 'off';

export type IpPolicy = 'full' | 'truncate' | 'none';

/** What of a client is kept at all; `strict` is the most careful setting in one word (docs/privacy.md). */
export type Privacy = 'standard' | 'strict';

export interface Config {
  readonly port: number;
  readonly host: string;
  /** Prefix of the image URLs that are handed out, without a slash at its end. */
  readonly baseUrl: string;
  /** Absolute path. */
  readonly dataDir: string;
  /** Null: the API shares the public port. */
  readonly apiPort: number | null;
  /** Null: generated at first start and kept in `dataDir`. */
  readonly apiToken: string | null;
  readonly apiAuth: 'token' | 'none';
  readonly metricsAuth: 'token' | 'none';
  /** Origins of web pages that may use the API; never with cookies. */
  readonly corsOrigins: readonly string[];
  /** QuestDB's address, with user and password; null: the embedded store. */
  readonly connString: string | null;
  /** Where QuestDB takes writes, when not on port 9000 of the host in `connString`. */
  readonly questdbIlp: string | null;
  /** Absolute path; null when off. */
  readonly visitLog: string | null;
  /** CIDRs whose X-Forwarded-For is believed, each with its prefix length. */
  readonly trustedProxies: readonly string[];
  readonly collectors: number;
  readonly ipPolicy: IpPolicy;
  /** Whether a code must carry our MAC to be kept. */
  readonly codeCheck: 'mac' | 'off';
  /** Shared by machines that serve each other's pixels; null: generated and kept in `dataDir`. */
  readonly codeSecret: string | null;
  readonly segmentBytes: number;
  readonly journalBytesMax: number;
  readonly diskFreeBytesMin: number;
  /** Days that archived segments are kept; 0: until `journalBytesMax` needs their room. */
  readonly archiveDays: number;
  /** ARN; null: nothing is relayed. */
  readonly snsTopic: string | null;
  /** URL, ARN or name; null: nothing is taken in from a queue. */
  readonly sqsQueue: string | null;
  readonly storeMemoryBytes: number;
  /** Absolute path of Apple's list of its relays' networks; null: none. */
  readonly appleEgressFile: string | null;
  /** Absolute path, or `shipped`; null when off. */
  readonly scannerNetworksFile: string | null;
  /** Absolute path of an .mmdb database, or `shipped`; null when off. */
  readonly countryFile: string | null;
  /** Windows of the signs of a scanner (verdict/overlay.ts). */
  readonly scanNetworkSeconds: number;
  readonly scanSentSeconds: number;
  readonly scanCodesSeconds: number;
  /** Networks whose looks are the operator's own, each with its prefix length. */
  readonly ignoredAddresses: readonly string[];
  /** A look so soon after the same viewer's look before is a repeat. */
  readonly repeatSeconds: number;
  /** Of visits, and of pixels that have no mode of their own. */
  readonly pixelMode: PixelMode;
  readonly privacy: Privacy;
  /** Days that hits are kept in the store; 0: for good. */
  readonly hitDays: number;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'silent';
}
