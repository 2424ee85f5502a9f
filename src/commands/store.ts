// The store process: what loads the journal, keeps the visit log and answers the API. The composition root of
// store/, delivery/ and api/.

import { chmod, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { Access } from '../access/access.ts';
import { createApi } from '../api/app.ts';
import { readDashboard } from '../api/dashboard-files.ts';
import { LiveFeed } from '../api/live-feed.ts';
import type { ApiParts } from '../api/parts.ts';
import type { Api } from '../api/schema.ts';
import type { Config } from '../config/config.ts';
import { dashboardUrl } from '../config/dashboard-url.ts';
import { Failure } from '../config/failure.ts';
import { dashboardUrlPath, ensureRunDir, storeSocket } from '../config/paths.ts';
import { loadSecrets } from '../config/secrets.ts';
import type { Consumer } from '../delivery/consumer.ts';
import { registerLoaderMetrics } from '../delivery/loader-metrics.ts';
import type { Loader } from '../delivery/loader.ts';
import type { Relay } from '../delivery/relay.ts';
import type { VisitLog } from '../delivery/visit-log.ts';
import { CodeAuthority } from '../hit/code.ts';
import type { Note } from '../hit/event.ts';
import { appendEvent, appendEvents } from '../journal/append.ts';
import type { Cursors, JournalWriter } from '../journal/journal.ts';
import { JournalKeeper } from '../journal/keeper.ts';
import { openJournal } from '../journal/open.ts';
import { JOURNAL_TEND_MS, LOAD_DRAIN_MS_MAX, LOCK_WAIT_MS_MAX } from '../limits.ts';
import { claimStore } from '../store/claim.ts';
import type { Store } from '../store/store.ts';
import { type RunningRole, runRole } from '../supervisor/role.ts';
import { SUPERVISED_VARIABLE } from '../supervisor/signals.ts';
import { type Readiness, serveControl } from '../telemetry/control.ts';
import { gatherMetrics, gatherReadiness } from '../telemetry/gather.ts';
import { createLog, type Logger } from '../telemetry/log.ts';
import { createRegistry } from '../telemetry/metrics.ts';
import { clearStaleSocket } from '../telemetry/socket.ts';
import { startConsumer, startRelay } from './bus.ts';
import type { Command } from './command.ts';
import { keepJournal, passedByBoth } from './keep-journal.ts';
import { openVisitLog, startLoading } from './loading.ts';
import { keepErasedOut, startErasures } from './erasing.ts';
import { openStore, storeName } from './open-store.ts';
import { DASHBOARD_DIST, prepareDashboard } from './prepare-dashboard.ts';

const NAME = 'store';

export const storeCommand: Command = {
  name: NAME,
  summary: 'Run the store only: load the journal, keep the visit log, answer the API',
  help: `SIGTERM or Ctrl-C drains and ends it; SIGHUP reopens the visit log. With SQS_QUEUE it takes in
the events that collectors on other machines relay; with SNS_TOPIC it relays the pixels that it mints
to other stores.`,
  roles: ['loader', 'judge', 'api', 'journal-writer', 'relay', 'consumer'],
  async run(config) {
    const log = createLog(config.logLevel, NAME);
    // Under serve its supervisor has done so.
    if (process.env[SUPERVISED_VARIABLE] === undefined) await prepareDashboard(log);
    return runRole({ name: NAME, log, start: (waitsFor) => startStore(config, log, waitsFor) });
  },
};

async function startStore(
  config: Config,
  log: Logger,
  waitsFor: (reason: string) => void,
): Promise<RunningRole> {
  const { dataDir } = config;
  const visitLog = await openVisitLog(config, log);
  const secrets = await loadSecrets(config);
  const claim = await claimStore(dataDir, LOCK_WAIT_MS_MAX, waitsFor);
  const store = await openStore(config, log);
  const keeper = new JournalKeeper(config, log);
  const { loading, live } = await loadLive(config, store, keeper, visitLog, log);
  const { loader, reclassification } = loading;
  process.on('SIGHUP', () => loader.reopenVisitLog());

  const journal = await openJournal(config, 'api', log);
  const registry = createRegistry(NAME);
  registerLoaderMetrics(registry, loader);
  const consuming = await startConsumer(
    config,
    { store, barrier: () => loader.barrier(), judge: loading.judge },
    log,
    registry,
  );
  const relaying = await startRelay(config, 'api', log, registry);
  const passed = (): Cursors =>
    relaying === null ? loader.cursors : passedByBoth(loader.cursors, relaying.cursors(), 'api');
  const keeping = keepJournal(keeper, passed, JOURNAL_TEND_MS, log);
  const append = async (note: Note): Promise<boolean> => (await keepNote(journal, note)) === 'kept';
  const onErased = (): void => live.forget();
  const erasures = startErasures(config, keeper, { store, loader, append, onErased }, log);
  const ready = () => storeReadiness(loader, consuming?.consumer, relaying?.relay);
  const api = await serveApi(config, log, secrets.apiToken, {
    store,
    storeName: storeName(config),
    codes: new CodeAuthority(secrets.codeSecret),
    codeSecret: secrets.codeSecret,
    keep: (note) => keepNote(journal, note),
    keepAll: async (notes) =>
      (await appendEvents(journal, notes)) === 'kept' ? 'kept' : 'refused',
    reclassification,
    erasures,
    live,
    barrier: () => loader.barrier(),
    behind: () => loader.describeLag(),
    registry,
  });
  const control = await serveControl(dataDir, NAME, { registry, ready });
  return {
    ready: { apiPort: config.apiPort },
    drain: async () => {
      await api.close();
      await keeping.end();
      await loading.endBeside();
      await Promise.all([consuming?.drain(), relaying?.relay.drain()]);
      // The collectors have ended before. What they kept last is safe, and better still loaded.
      await loader.barrier(LOAD_DRAIN_MS_MAX);
      // An erasure may wait for the loader, whose end ends that.
      await Promise.all([erasures.stop(), loading.end()]);
      await journal.close();
      await store.close();
      await control.close();
      claim.release();
    },
  };
}

/** Loads the journal, and tells whoever watches what is in the store from then on. */
async function loadLive(
  config: Config,
  store: Store,
  keeper: JournalKeeper,
  visitLog: VisitLog | null,
  log: Logger,
) {
  const { erased, learn } = await keepErasedOut(keeper, store);
  // Over a bus a writer's hits come as the queue gives them.
  const live = new LiveFeed({ store, erased, inOrder: config.sqsQueue === null });
  const loading = await startLoading(config, store, visitLog, log, {
    onHits: (hits) => live.take(hits),
    onNotes: learn,
  });
  return { loading, live };
}

/** The API works without a bus; what is wrong with that is told beside. */
function storeReadiness(
  loader: Pick<Loader, 'readiness'>,
  consumer?: Consumer,
  relay?: Relay,
): Readiness {
  const { ready, reason } = loader.readiness();
  return { ready, reason: reason ?? consumer?.reason ?? relay?.readiness().reason ?? null };
}

/** The API, from the first request that it answers to the last. */
async function serveApi(
  config: Config,
  log: Logger,
  apiToken: string,
  parts: Omit<ApiParts, 'config' | 'log' | 'access' | 'dashboard' | 'metrics' | 'readiness'>,
): Promise<{ close: () => Promise<void> }> {
  const { dataDir } = config;
  const access = await Access.open(config, apiToken, (reason) => log.error(reason));
  const api = createApi({
    ...parts,
    config,
    log,
    access,
    dashboard: readDashboard(DASHBOARD_DIST),
    metrics: () => gatherMetrics(dataDir),
    readiness: () => gatherReadiness(dataDir),
  });
  const door = await listen(api, config);
  return {
    close: async () => {
      door?.close();
      await api.close();
      await access.close();
    },
  };
}

async function keepNote(journal: JournalWriter, note: Note): Promise<'kept' | 'refused'> {
  return (await appendEvent(journal, note)) === 'kept' ? 'kept' : 'refused';
}

/**
 * Listens where the collectors forward to and, when the API has a port of its own, there too. Before anybody
 * is told that the store is ready, since whoever is may ask at once.
 */
async function listen(api: Api, config: Config): Promise<Server | null> {
  await ensureRunDir(config.dataDir);
  const path = storeSocket(config.dataDir);
  // The store is ours alone by now, so whoever left this file is gone.
  await clearStaleSocket(path);
  await api.listen({ path });
  await chmod(path, 0o600);
  // A courtesy to `truepixel token link`: a full disk must not keep the API from starting.
  await writeFile(dashboardUrlPath(config.dataDir), `${dashboardUrl(config)}\n`).catch(() => {});
  const { apiPort, host } = config;
  if (apiPort === null) return null;
  const door = createServer((socket) => void api.server.emit('connection', socket));
  await new Promise<void>((resolve, reject) => {
    door.once('error', (error) => {
      reject(new Failure(`the API cannot listen on ${host}:${apiPort}: ${error.message}`));
    });
    door.listen(apiPort, host, resolve);
  });
  return door;
}
