// An API on a store in memory, with everything that it is given under the test's control.

import { createApi } from '../src/api/app.ts';
import type { ApiParts } from '../src/api/parts.ts';
import type { Api } from '../src/api/schema.ts';
import { CodeAuthority } from '../src/hit/code.ts';
import type { Hit, JudgedHit } from '../src/hit/event.ts';
import type { Judgement } from '../src/hit/verdict.ts';
import type { Readiness } from '../src/telemetry/control.ts';
import { createLog } from '../src/telemetry/log.ts';
import { createRegistry } from '../src/telemetry/metrics.ts';
import { someHit } from './contracts/store-events.ts';
import { MemoryStore } from './memory-store.ts';

export const TOKEN = 'a-token-of-the-tests';
export const AUTHORIZED = { authorization: `Bearer ${TOKEN}` };
/** 2026-06-01T00:00:00.000001Z: not a whole millisecond. */
export const BEGINNING = 1_780_272_000_000_001;

export interface Rig {
  readonly app: Api;
  readonly store: MemoryStore;
  /** What the API had minted, oldest first; in the store too, at once. */
  readonly minted: { code: string; at: number }[];
  /** Mutable: what the parts answer from now on. */
  readonly world: {
    journal: 'kept' | 'refused';
    caughtUp: boolean;
    processes: Record<string, Readiness>;
  };
}

export function apiRig(
  config: Partial<ApiParts['config']> = {},
  parts: Partial<ApiParts> = {},
): Rig {
  const store = new MemoryStore();
  const minted: Rig['minted'] = [];
  const world: Rig['world'] = {
    journal: 'kept',
    caughtUp: true,
    processes: { store: { ready: true, reason: null } },
  };
  const app = createApi({
    config: {
      baseUrl: 'https://pixel.example/base',
      apiPort: null,
      apiAuth: 'token',
      metricsAuth: 'token',
      ...config,
    },
    store,
    codes: new CodeAuthority(Buffer.alloc(32, 7)),
    mint: async (code, at) => {
      if (world.journal === 'refused') return 'refused';
      minted.push({ code, at });
      const id = { writer: '00000000000000cc', segment: 1, position: 16 + minted.length };
      const pixels = [{ id, event: { kind: 'pixel-minted' as const, code, at } }];
      await store.load({ hits: [], pixels, progress: `${minted.length}` });
      return 'kept';
    },
    barrier: async () => world.caughtUp,
    apiToken: TOKEN,
    metrics: async () => 'a_metric 1\n',
    readiness: async () => world.processes,
    registry: createRegistry('test'),
    log: createLog('silent', 'test'),
    ...parts,
  });
  return { app, store, minted, world };
}

/** `count` opens of `code`, one microsecond apart, each by a viewer of its own. */
export function someOpens(
  code: string,
  count: number,
  facts: Partial<Hit> = {},
  judgement: Partial<Judgement> = {},
): JudgedHit[] {
  return Array.from({ length: count }, (_, i) =>
    someHit(
      i,
      { at: BEGINNING + i, code, ...facts },
      { viewer: (i + 1).toString(16).padStart(16, '0'), ...judgement },
    ),
  );
}
