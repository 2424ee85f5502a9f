// An API on a store in memory, with everything that it is given under the test's control.

import type { Access } from '../src/access/access.ts';
import { createApi } from '../src/api/app.ts';
import type { OpenApiDocument } from '../src/api/openapi-document.ts';
import { LiveFeed } from '../src/api/live-feed.ts';
import type { ApiParts } from '../src/api/parts.ts';
import type { Api } from '../src/api/schema.ts';
import type { ReclassifyState } from '../src/delivery/reclassify.ts';
import { CodeAuthority } from '../src/hit/code.ts';
import type { Hit, JudgedHit, Note } from '../src/hit/event.ts';
import type { Judgement } from '../src/hit/verdict.ts';
import type { Readiness } from '../src/telemetry/control.ts';
import { ErasedCodes } from '../src/store/erased.ts';
import { createLog } from '../src/telemetry/log.ts';
import { createRegistry } from '../src/telemetry/metrics.ts';
import { checkAnswers } from './answers.ts';
import { accessRig } from './access-rig.ts';
import { someHit } from './contracts/store-events.ts';
import { MemoryStore } from './memory-store.ts';

export const TOKEN = 'a-token-of-the-tests';
export const SECRET = Buffer.alloc(32, 7);
export const AUTHORIZED = { authorization: `Bearer ${TOKEN}` };
/** 2026-06-01T00:00:00.000001Z: not a whole millisecond. */
export const BEGINNING = 1_780_272_000_000_001;

export interface Rig {
  readonly app: Api;
  readonly access: Access;
  readonly store: MemoryStore;
  /** What the API had kept, oldest first; in the store too, at once. */
  readonly notes: Note[];
  /** Mutable: what the parts answer from now on. */
  readonly world: {
    journal: 'kept' | 'refused';
    /** So many of those that are kept at once find room. */
    room: number;
    caughtUp: boolean;
    processes: Record<string, Readiness>;
  };
}

/** Nobody judges anew. */
export const IDLE: ReclassifyState = {
  state: 'idle',
  judged: 0,
  changed: 0,
  total: null,
  startedAt: null,
  finishedAt: null,
  failure: null,
};

/** The API as docs/openapi.json has it. */
export async function readDocument(): Promise<OpenApiDocument> {
  const { app } = uncheckedRig({ baseUrl: 'http://localhost:8000' });
  return (await app.inject('/v1/openapi.json')).json<OpenApiDocument>();
}

let document: Promise<OpenApiDocument> | null = null;

/** Each of its answers is held against the document. */
export function apiRig(
  config: Partial<ApiParts['config']> = {},
  parts: Partial<ApiParts> = {},
): Rig {
  const rig = uncheckedRig(config, parts);
  checkAnswers(rig.app, () => (document ??= readDocument()));
  return rig;
}

function uncheckedRig(
  config: Partial<ApiParts['config']> = {},
  parts: Partial<ApiParts> = {},
): Rig {
  const store = new MemoryStore();
  const notes: Note[] = [];
  const world: Rig['world'] = {
    journal: 'kept',
    room: Infinity,
    caughtUp: true,
    processes: { store: { ready: true, reason: null } },
  };
  const access = accessRig({ apiToken: TOKEN, isOpen: config.apiAuth === 'none' });
  const keepAll: ApiParts['keepAll'] = async (added) => {
    const all = added.slice(0, world.journal === 'refused' ? 0 : world.room);
    const recorded = all.map((event) => {
      const position = 16 + notes.push(event);
      return { id: { writer: '00000000000000cc', segment: 1, position }, event };
    });
    await store.load({ hits: [], notes: recorded, progress: `${notes.length}` });
    return all.length === added.length ? 'kept' : 'refused';
  };
  const app = createApi({
    config: {
      baseUrl: 'https://pixel.example/base',
      apiPort: null,
      apiAuth: 'token',
      metricsAuth: 'token',
      trustedProxies: [],
      corsOrigins: [],
      pixelMode: 'individual',
      privacy: 'standard',
      repeatSeconds: 10,
      ...config,
    },
    store,
    storeName: 'duckdb',
    codes: new CodeAuthority(SECRET),
    codeSecret: SECRET,
    keep: (note) => keepAll([note]),
    keepAll,
    erasures: {
      ask: async () => {
        throw new Error('nobody erases here');
      },
      find: async () => null,
    },
    reclassification: {
      state: IDLE,
      start: async () => 'started',
    },
    live: new LiveFeed({ store, erased: new ErasedCodes(), inOrder: true }),
    barrier: async () => world.caughtUp,
    dashboard: { page: '<!doctype html><title>Truepixel</title>', assets: new Map() },
    access,
    metrics: async () => 'a_metric 1\n',
    readiness: async () => world.processes,
    registry: createRegistry('test'),
    log: createLog('silent', 'test'),
    ...parts,
  });
  return { app, access, store, notes, world };
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
