// Live hits and exports through the whole server once more, with QuestDB as the store.

import { after, test } from 'node:test';
import { noQuestdb, QuestdbServer } from './questdb-server.ts';
import { STORE_VARIABLE } from './server.ts';

if (noQuestdb === false) {
  const server = await QuestdbServer.start();
  after(() => server.end());
  process.env[STORE_VARIABLE] = JSON.stringify(server.env);
  await import('./live.test.ts');
} else {
  test('live hits with QuestDB', { skip: noQuestdb }, () => undefined);
}
