// QuestDB against the contract of every store, on a real server, and what is its own: refusing servers and tables that
// are not right without altering them, and going on after the server was killed.

import { after } from 'node:test';
import { SERVER_VARIABLE, type ServerPlace } from '../../test/contracts/adapters/questdb.ts';
import { storeContract } from '../../test/contracts/store.ts';
import { noQuestdb, QuestdbServer } from '../../test/questdb-server.ts';

const adapter = new URL('../../test/contracts/adapters/questdb.ts', import.meta.url).href;

if (noQuestdb === false) {
  const server = await QuestdbServer.start();
  after(() => server.end());
  const place: ServerPlace = { connString: server.connString, ilpUrl: server.ilpUrl };
  process.env[SERVER_VARIABLE] = JSON.stringify(place);
  storeContract('QuestDB', adapter);
}
