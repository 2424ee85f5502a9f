// `serve`, the default, is a whole server on one machine; `collect` is its public half alone. Both are a
// supervisor over processes that run this same program with the hidden command `collector` and with
// `store`.

import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { Tokens } from '../access/tokens.ts';
import type { Config } from '../config/config.ts';
import { ensureDataDir } from '../config/data-dir.ts';
import { EXIT_USAGE, Failure } from '../config/failure.ts';
import { readInstallation } from '../config/installation.ts';
import { environmentOf } from '../config/load.ts';
import { defaultBaseUrl } from '../config/options.ts';
import { journalDir } from '../config/paths.ts';
import { apiTokenPath, loadSecrets } from '../config/secrets.ts';
import { FIRST_STORE_WAIT_MS_MAX } from '../limits.ts';
import type { ChildSpec } from '../supervisor/child.ts';
import { lockDataDir } from '../supervisor/data-dir-lock.ts';
import { greeting } from '../supervisor/greeting.ts';
import { claimPort } from '../supervisor/port.ts';
import { SUPERVISED_VARIABLE } from '../supervisor/signals.ts';
import { supervise } from '../supervisor/supervise.ts';
import { createLog, type Logger } from '../telemetry/log.ts';
import type { Command } from './command.ts';
import { prepareDashboard } from './prepare-dashboard.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

export const serveCommand: Command = {
  name: 'serve',
  summary: 'Run a whole server: collectors, store and API (the default)',
  help: 'It restarts what dies. SIGTERM or Ctrl-C drains and ends it; SIGHUP reopens the visit log.',
  roles: ['supervisor', 'collector', 'journal-writer', 'loader', 'judge', 'api'],
  run: (config) => run(config, 'serve'),
};

export const collectCommand: Command = {
  name: 'collect',
  summary: 'Run collectors only: answer image requests and keep the hits in the journal',
  help: `It restarts what dies. SIGTERM or Ctrl-C drains and ends it. With SNS_TOPIC it relays every hit
to a bus, from which truepixel store takes it in on other machines.`,
  roles: ['supervisor', 'collector', 'journal-writer', 'judge', 'relay'],
  run: (config) => run(config, 'collect'),
};

async function run(given: Config, name: 'serve' | 'collect'): Promise<number> {
  if (name === 'serve' && (given.snsTopic !== null || given.sqsQueue !== null)) {
    throw new Failure(
      'serve is one machine and needs no bus: unset SNS_TOPIC and SQS_QUEUE, or run collect and store',
      EXIT_USAGE,
    );
  }
  const log = createLog(given.logLevel, name);
  await ensureDataDir(given.dataDir);
  const lock = await lockDataDir(given.dataDir);
  const config = await claimPorts(given, log);
  const firstStart = !(await exists(journalDir(config.dataDir)));
  const secrets = await loadSecrets(config);
  const withApi = name === 'serve';
  if (withApi) await prepareDashboard(log);
  const signIn = withApi ? await signInLink(config, secrets.apiTokenCreated, log) : null;
  // Whoever reads the greeting may have gone (`| head`), which must not end a server.
  process.stdout.on('error', () => {});
  const code = await supervise({
    collectors: Array.from({ length: config.collectors }, (_, index) =>
      child(config, 'collector', `collector ${index}`),
    ),
    followers: [
      ...(withApi ? [child(config, 'store', 'store')] : []),
      ...(config.snsTopic === null ? [] : [child(config, 'relay', 'relay')]),
    ],
    log,
    ...((await isNewToItsStore(config)) && {
      bounds: { followersWaitMsMax: FIRST_STORE_WAIT_MS_MAX },
    }),
    onReady: (missing) => {
      log.info({ port: config.port, apiPort: config.apiPort, missing }, `${name} is ready`);
      process.stdout.write(
        greeting(config, {
          firstStart,
          withApi,
          signIn,
          newToken: secrets.apiTokenCreated ? secrets.apiToken : null,
          tokenPath: config.apiToken === null ? apiTokenPath(config.dataDir) : null,
          missing,
        }),
      );
    },
    onStop: () => {
      lock.announceStop().catch((error: unknown) => {
        log.warn({ err: error }, 'a successor cannot be told to wait; it may have to start twice');
      });
    },
  });
  log.info({ code }, `${name} has ended`);
  lock.release();
  return code;
}

/**
 * For whoever sits at the terminal and starts the server again: a link that signs their browser in, once. Not
 * for output that goes into a log, where others may read it.
 */
async function signInLink(
  { dataDir, apiAuth }: Config,
  hasNewToken: boolean,
  log: Logger,
): Promise<string | null> {
  if (apiAuth === 'none' || hasNewToken || !process.stdout.isTTY) return null;
  try {
    return (await new Tokens(dataDir).createLink()).text;
  } catch (error) {
    log.warn({ err: error }, 'there is no sign-in link');
    return null;
  }
}

/** A store elsewhere that this DATA_DIR never reached is more likely a mistake than away (open-store.ts). */
async function isNewToItsStore({ connString, dataDir }: Config): Promise<boolean> {
  return connString !== null && (await readInstallation(dataDir)) === null;
}

/** With port 0 made a real one, in the image URLs too unless they have a base of their own. */
async function claimPorts(config: Config, log: Logger): Promise<Config> {
  const port = await claimPort(config.host, config.port, log);
  const apiPort =
    config.apiPort === null ? null : await claimPort(config.host, config.apiPort, log);
  const baseUrl =
    config.baseUrl === defaultBaseUrl(config.port) ? defaultBaseUrl(port) : config.baseUrl;
  return { ...config, port, apiPort, baseUrl };
}

function child(config: Config, command: 'collector' | 'store' | 'relay', name: string): ChildSpec {
  const environment = { ...environmentOf(config, process.env), [SUPERVISED_VARIABLE]: '1' };
  return { name, command: [MAIN, command], environment };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
