// The server of a benchmark, on the cores that it is given, with the settings that all parts measure.

import { freePort, startServer, type Server } from '../test/server.ts';
import { SERVER_CORE } from './machine.ts';

export const BENCH_SECRET = 'a-secret-for-benchmarks-only-0123456789';

export interface PinnedOptions {
  readonly dataDir: string;
  readonly command: 'collect' | 'serve';
  /** As many collectors as there are cores; the server's one core unless given. */
  readonly cores?: readonly number[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts it; `endAll(dataDir)` afterwards. */
export async function startPinned(options: PinnedOptions): Promise<Server> {
  const { dataDir, command, cores = [SERVER_CORE] } = options;
  const env = {
    COLLECTORS: String(cores.length),
    CODE_SECRET: BENCH_SECRET,
    LOG_LEVEL: 'warn',
    ...options.env,
  };
  const prefix = ['taskset', '-c', cores.join(',')];
  return await startServer({ dataDir, port: await freePort(), command, env, prefix });
}
