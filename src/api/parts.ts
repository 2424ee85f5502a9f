// What the API is put together from: everything that it needs of the rest of the system, and nothing more.

import type { Registry } from 'prom-client';
import type { Access } from '../access/access.ts';
import type { Config } from '../config/config.ts';
import type { Erasures } from '../delivery/erasures.ts';
import type { Reclassification } from '../delivery/reclassify.ts';
import type { CodeAuthority } from '../hit/code.ts';
import type { Note } from '../hit/event.ts';
import type { LiveFeed } from './live-feed.ts';
import type { Store } from '../store/store.ts';
import type { DashboardFiles } from './dashboard-files.ts';
import type { Readiness } from '../telemetry/control.ts';
import type { Logger } from '../telemetry/log.ts';

export interface ApiParts {
  readonly config: Pick<
    Config,
    | 'baseUrl'
    | 'apiPort'
    | 'apiAuth'
    | 'metricsAuth'
    | 'trustedProxies'
    | 'corsOrigins'
    | 'pixelMode'
    | 'privacy'
    | 'repeatSeconds'
  >;
  readonly store: Store;
  /** Which one it is, for whoever reports what they see. */
  readonly storeName: 'duckdb' | 'questdb';
  readonly codes: Pick<CodeAuthority, 'mint' | 'derive' | 'verify'>;
  /** That of the codes: links and cookies of own browsers are signed with it too (hit/own-browser.ts). */
  readonly codeSecret: Uint8Array;
  /** Keeps what is said about a pixel or a hit; `kept` once that is durable. */
  readonly keep: (note: Note) => Promise<'kept' | 'refused'>;
  /** The same of many, in their order; after `refused` some of the first may be kept all the same. */
  readonly keepAll: (notes: readonly Note[]) => Promise<'kept' | 'refused'>;
  /** Resolves once everything acknowledged before the call is in the store; false: not in time. */
  readonly barrier: () => Promise<boolean>;
  /** How far the store is behind the journal, in words, for the 503 after a failed barrier. */
  readonly behind?: () => string;
  readonly erasures: Pick<Erasures, 'ask' | 'find'>;
  readonly live: LiveFeed;
  readonly reclassification: Pick<Reclassification, 'start' | 'state'>;
  /** Null where it is not built. */
  readonly dashboard: DashboardFiles | null;
  /** Who may ask what. */
  readonly access: Access;
  /** Of all processes, as Prometheus text. */
  readonly metrics: () => Promise<string>;
  /** Of all processes, by name; `store` is the one that serves this. */
  readonly readiness: () => Promise<Record<string, Readiness>>;
  /** Where the API's own metrics are counted. */
  readonly registry: Registry;
  readonly log: Logger;
}
