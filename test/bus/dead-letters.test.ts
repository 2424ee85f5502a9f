// What becomes of a message that nobody can read, on both servers: it is delivered as often as the
// redrive policy says, counted once, blocks nobody, and ends among the dead letters.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { openSqsDeadLetters } from '../../src/bus/sns-sqs-dead-letters.ts';
import { openSqsReceiver } from '../../src/bus/sns-sqs-receiver.ts';
import { Consumer } from '../../src/delivery/consumer.ts';
import { openJournal } from '../../src/journal/open.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { MemoryStore } from '../memory-store.ts';
import {
  countMessages,
  type Emulator,
  makePlace,
  motoIsThere,
  pointAwsAt,
  startFauxqs,
  startMoto,
} from './emulator.ts';

const MIB = 1024 * 1024;
const HIDDEN_S = 1;
const LOOK_MS = 500;
const WAIT_MS_MAX = 30_000;
const MOTO_MISSING = 'Moto is not installed (it needs Python; npm test installs it)';
const log = createLog('silent', 'test');

const SERVERS: readonly [string, () => Promise<Emulator>, string | false][] = [
  ['fauxqs', startFauxqs, false],
  ['Moto', startMoto, motoIsThere() ? false : MOTO_MISSING],
];

for (const [name, start, skip] of SERVERS) {
  test(`a message that cannot be read ends as a dead letter on ${name}`, { skip }, async (t) => {
    const emulator = await start();
    const dataDir = await mkdtemp(join(tmpdir(), 'truepixel-dead-letters-'));
    t.after(async () => {
      await emulator.stop();
      await rm(dataDir, { recursive: true, force: true });
    });
    pointAwsAt(emulator.endpoint);
    const { queueUrl, deadLetterUrl } = await makePlace('dead');
    const client = new SQSClient({ useQueueUrlAsEndpoint: false });
    const send = (body: string): Promise<unknown> =>
      client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body }));
    const limits = { segmentBytes: MIB, journalBytesMax: 64 * MIB, diskFreeBytesMin: 0 };
    const journal = await openJournal({ dataDir, ...limits }, 'bus', log);
    const consumer = new Consumer({
      receiver: openSqsReceiver(queueUrl, HIDDEN_S),
      journal,
      store: new MemoryStore(),
      barrier: async () => true,
      reduction: { apply: async (event) => event },
      deadLetters: openSqsDeadLetters(queueUrl, HIDDEN_S),
      lookMs: LOOK_MS,
      log,
    });
    consumer.start();
    await send('{"this is": "no event"}');
    await send('{"VisitedAt":"2026-11-21T00:00:00Z"}');
    const deadline = Date.now() + WAIT_MS_MAX;
    while ((await countMessages(deadLetterUrl)) === 0 && Date.now() < deadline) await sleep(100);
    assert.equal(await countMessages(deadLetterUrl), 1);
    assert.equal(await countMessages(queueUrl), 0);
    assert.equal(consumer.stats.received, 1 + 3, 'three deliveries of the one, one of the other');
    assert.deepEqual([consumer.stats.unreadable, consumer.stats.kept], [1, 1]);
    await consumer.drain();
    await journal.close();
  });
}
