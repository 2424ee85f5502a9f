// `npm run questdb`: a QuestDB of one's own to try Truepixel with, until Ctrl-C. Its data stays in
// data/questdb.

import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { QuestdbServer } from '../test/questdb-server.ts';
import { fetchQuestdb } from './questdb-jar.ts';

const PG_PORT = 8812;
const HTTP_PORT = 9000;

const missing = fetchQuestdb();
if (missing !== null) {
  process.stderr.write(`QuestDB cannot be started: ${missing}\n`);
  process.exit(1);
}
const folder = fileURLToPath(new URL('../data/questdb', import.meta.url));
mkdirSync(folder, { recursive: true });
const server = await QuestdbServer.start({
  folder,
  pgPort: PG_PORT,
  httpPort: HTTP_PORT,
  password: 'quest',
}).catch((error: unknown) => {
  // Its own words are a Java program's whole log.
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`QuestDB cannot be started: ${reasonIn(text)}\n`);
  return process.exit(1);
});
process.stdout.write(
  `QuestDB runs; its data is in ${folder}. In another terminal:\n\n` +
    `  CONN_STRING=${server.connString} npm start\n\n` +
    `Its own console, with user admin and password quest: http://localhost:${HTTP_PORT}\n`,
);
let stopping = false;
const stop = async (): Promise<void> => {
  if (stopping) return;
  stopping = true;
  await server.stop();
  process.exit(0);
};
process.on('SIGINT', () => void stop());
process.on('SIGTERM', () => void stop());

function reasonIn(text: string): string {
  if (/could not bind|address already in use/i.test(text)) {
    return `port ${PG_PORT} or ${HTTP_PORT} is taken; does another one run?`;
  }
  if (/cannot lock|could not lock|already in use|another process/i.test(text)) {
    return `another one uses ${folder}`;
  }
  return `${folder}/server.log says why`;
}
