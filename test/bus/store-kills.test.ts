// A store process that is killed with the same messages in hand until the queue gives them up: a queue counts
// deliveries, whatever became of them. All of them must be stored in the end, once, and no letter be left.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { endAll, freePort, Server, signal } from '../server.ts';
import { awsEnvironment, countMessages, makePlace, pointAwsAt, startFauxqs } from './emulator.ts';

const KILLS = 5;
/** What a consumer asks for before its first round has gone through: the same ones after each kill. */
const IN_HAND = 10;
const LATER = 90;
const WAIT_MS_MAX = 60_000;
/** What SQS hides them for, which a test has no time to wait for. */
const HIDDEN_S = 1;

/** Stands before SQS; `strike` is called when messages are on their way to the store, before they arrive. */
class Ambush {
  strike: (() => boolean) | null = null;
  deliveries = 0;
  readonly #target: string;
  readonly #server = createServer((message, response) => void this.#pass(message, response));

  constructor(target: string) {
    this.#target = target;
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #pass(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    try {
      const target = String(message.headers['x-amz-target']);
      const answer = await fetch(this.#target, {
        method: 'POST',
        headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target },
        body: soon(await textOf(message)),
        signal: gone.signal,
      });
      const body = await answer.text();
      if (target.endsWith('.ReceiveMessage') && body.includes('"ReceiptHandle"')) {
        this.deliveries++;
        if (this.strike?.() === true) this.strike = null;
      }
      response.writeHead(answer.status, {
        'content-type': 'application/x-amz-json-1.0',
        'x-amzn-requestid': 'a-request',
      });
      response.end(body);
    } catch {
      message.socket.destroy();
    }
  }
}

const soon = (body: string): string =>
  body.replace(/"VisibilityTimeout":\d\d+/g, `"VisibilityTimeout":${HIDDEN_S}`);

async function textOf(message: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}

async function send(queueUrl: string, from: number, count: number): Promise<void> {
  const client = new SQSClient({ useQueueUrlAsEndpoint: false });
  for (let i = from; i < from + count; i += 10) {
    const Entries = Array.from({ length: 10 }, (_, at) => ({
      Id: String(at),
      MessageBody: JSON.stringify({
        Kind: 'visit',
        Id: `00000000000000cc-1-${i + at}`,
        VisitedAt: '2026-11-20T10:00:00Z',
        UserAgent: `number ${i + at}`,
      }),
    }));
    await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  }
}

test(
  `${KILLS} kills of a store with the same messages in hand lose none, and leave no dead letter`,
  { timeout: 300_000 },
  async (t) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'truepixel-store-kills-'));
    const emulator = await startFauxqs();
    const ambush = new Ambush(emulator.endpoint);
    t.after(async () => {
      await endAll(dataDir);
      ambush.stop();
      await emulator.stop();
      await rm(dataDir, { recursive: true, force: true });
    });
    pointAwsAt(emulator.endpoint);
    const { queueUrl, deadLetterUrl } = await makePlace('killed');
    await send(queueUrl, 0, IN_HAND);
    const port = await freePort();
    const env = {
      ...awsEnvironment(await ambush.start()),
      SQS_QUEUE: queueUrl,
      API_PORT: String(port),
    };
    const start = (): Server => new Server({ command: 'store', dataDir, port, env });
    let deadLettersMost = 0;
    for (let kill = 1; kill <= KILLS; kill++) {
      const server = start();
      ambush.strike = () => server.pids('store').some((pid) => signal(pid, 'SIGKILL'));
      await server.exited;
      deadLettersMost = Math.max(deadLettersMost, await countMessages(deadLetterUrl));
      await sleep(HIDDEN_S * 1_000 + 200);
    }
    assert.equal(deadLettersMost, IN_HAND, 'the queue gave them up');
    await send(queueUrl, IN_HAND, LATER);
    const server = start();
    const left = async (): Promise<number> =>
      (await countMessages(queueUrl)) + (await countMessages(deadLetterUrl));
    for (const deadline = Date.now() + WAIT_MS_MAX; (await left()) > 0; await sleep(200)) {
      if (Date.now() > deadline) throw new Error(`${await left()} messages are left`);
    }
    assert.equal((await server.stop()).code, 0);
    const lines = (await readFile(join(dataDir, 'visits.log'), 'utf8')).trimEnd().split('\n');
    const numbers = lines.map((line) => /number (\d+)/.exec(line)?.[1]);
    t.diagnostic(`${KILLS} kills, ${ambush.deliveries} deliveries, ${lines.length} lines`);
    assert.deepEqual([lines.length, new Set(numbers).size], [IN_HAND + LATER, IN_HAND + LATER]);
    assert.match(server.stderr, /dead letters that can be read were taken back/);
  },
);
