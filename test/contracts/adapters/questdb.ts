// QuestDB as the contract suite opens it, in its own process and in the one it kills. A folder stands for
// a store: the first time that one is opened, the tables of the one before it are dropped.

import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Connections } from '../../../src/store/questdb-connection.ts';
import { openQuestdb } from '../../../src/store/questdb.ts';
import { TABLE_NAMES } from '../../../src/store/questdb-tables.ts';
import type { Store } from '../../../src/store/store.ts';
import { createLog } from '../../../src/telemetry/log.ts';

/** Set by who started the server, for this process and its children. */
export const SERVER_VARIABLE = 'TRUEPIXEL_TEST_QUESTDB';

export interface ServerPlace {
  readonly connString: string;
  readonly ilpUrl: string;
}

export const loads = 'repeatable';

const log = createLog('silent', 'test');

export async function open(dir: string): Promise<Store> {
  const place = JSON.parse(process.env[SERVER_VARIABLE] ?? '') as ServerPlace;
  const marker = join(dir, 'questdb');
  const isKnown = await stat(marker).then(
    () => true,
    () => false,
  );
  if (!isKnown) {
    await dropTables(place);
    await writeFile(marker, '');
  }
  return await openQuestdb({ ...place, installation: '00000000000000a1' }, log);
}

export async function dropTables({ connString }: ServerPlace): Promise<void> {
  const connections = new Connections(connString, 1, log);
  for (const name of TABLE_NAMES) await connections.query(`DROP TABLE IF EXISTS ${name}`);
  await connections.close();
}
