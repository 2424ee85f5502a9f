// Which store it is: QuestDB when CONN_STRING names one, else the embedded one. The clients of the two
// are loaded here and only when they are needed.

import type { Config } from '../config/config.ts';
import { EXIT_FAILED, EXIT_USAGE, Failure } from '../config/failure.ts';
import { keepInstallation, newInstallation, readInstallation } from '../config/installation.ts';
import { storePath } from '../config/paths.ts';
import { type ErasureKeeper, type Store, StoreError } from '../store/store.ts';
import type { Logger } from '../telemetry/log.ts';

export const storeName = ({ connString }: Config): 'duckdb' | 'questdb' =>
  connString === null ? 'duckdb' : 'questdb';

/**
 * The caller has claimed the store. Throws {@link Failure}, with one sentence, when it cannot be opened.
 */
export async function openStore(config: Config, log: Logger): Promise<Store & ErasureKeeper> {
  const { connString } = config;
  return connString === null
    ? await openEmbedded(config, log)
    : await openQuestdb(config, connString, log);
}

/** DuckDB's native library is loaded by no other process. */
async function openEmbedded(config: Config, log: Logger): Promise<Store & ErasureKeeper> {
  const { openDuckdb } = await import('../store/duckdb.ts');
  const { dataDir, storeMemoryBytes: memoryBytes, diskFreeBytesMin: spareBytes } = config;
  try {
    return await openDuckdb({ path: storePath(dataDir), memoryBytes, spareBytes }, log);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const cure = error.retryable ? '' : '; `npx truepixel rebuild` makes it anew from the journal';
    throw failure(error, cure, EXIT_FAILED);
  }
}

/**
 * A QuestDB that this DATA_DIR has used before may be away for a while, which is no reason not to
 * collect. One that it never reached is more likely a mistake in the configuration.
 */
async function openQuestdb(
  config: Config,
  connString: string,
  log: Logger,
): Promise<Store & ErasureKeeper> {
  const { openQuestdb: open } = await import('../store/questdb.ts');
  const { dataDir, questdbIlp: ilpUrl } = config;
  const kept = await readInstallation(dataDir);
  const installation = kept ?? newInstallation();
  try {
    const store = await open({ connString, ilpUrl, installation }, log);
    if (kept === null) await keepInstallation(dataDir, installation);
    return store;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    throw failure(error, '', error.retryable && kept !== null ? EXIT_FAILED : EXIT_USAGE);
  }
}

function failure(error: StoreError, cure: string, exitCode: number): Failure {
  const message = `the store cannot be opened: ${error.message}${cure}`;
  return new Failure(message, exitCode, { cause: error });
}
