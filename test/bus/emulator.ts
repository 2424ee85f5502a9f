// Servers that speak the protocols of SNS and SQS, each a process on a free port of the loopback, and
// what a test makes in them: a topic and a queue of its own.

import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  GetQueueAttributesCommand,
  type QueueAttributeName,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { setUp } from '../../src/bus/sns-sqs-setup.ts';
import { freePort } from '../server.ts';
import { motoServer } from './moto.ts';

const READY_MS_MAX = 60_000;

export interface Emulator {
  readonly name: string;
  readonly endpoint: string;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

/** What every AWS client needs; an emulator asks for nothing more. */
export const awsEnvironment = (endpoint: string): Record<string, string> => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_EC2_METADATA_DISABLED: 'true',
});

export async function startFauxqs(): Promise<Emulator> {
  const child = fork(new URL('../../examples/sns-sqs/emulator.ts', import.meta.url), ['0']);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return running('fauxqs', port, child);
}

/** Null, and why, where there is none; test/bus/moto.ts says where it is looked for. */
export async function startMoto(): Promise<Emulator> {
  const port = await freePort();
  const child = spawn(motoServer, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  return await running('Moto', port, child);
}

export const motoIsThere = (): boolean => existsSync(motoServer);

async function running(name: string, port: number, process: ChildProcess): Promise<Emulator> {
  const endpoint = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + READY_MS_MAX;
  for (;;) {
    const answers = await fetch(endpoint).then(
      () => true,
      () => false,
    );
    if (answers) break;
    if (process.exitCode !== null || Date.now() > deadline)
      throw new Error(`${name} did not start`);
    await sleep(50);
  }
  const stop = async (): Promise<void> => {
    if (process.exitCode !== null || process.signalCode !== null) return;
    const ended = once(process, 'exit');
    process.kill('SIGKILL');
    await ended;
  };
  return { name, endpoint, process, stop };
}

/** The clients of this process look at the endpoint in its environment, as the adapter does. */
export function pointAwsAt(endpoint: string): void {
  Object.assign(process.env, awsEnvironment(endpoint));
}

export interface Place {
  readonly topicArn: string;
  readonly queueUrl: string;
  readonly deadLetterUrl: string;
}

/** What `truepixel aws-setup NAME` makes. */
export async function makePlace(name: string): Promise<Place> {
  const text = await setUp(name);
  const read = (variable: string): string =>
    new RegExp(`^export ${variable}=(.+)$`, 'm').exec(text)?.[1] ?? '';
  const queueUrl = read('SQS_QUEUE');
  return { topicArn: read('SNS_TOPIC'), queueUrl, deadLetterUrl: `${queueUrl}-dead-letters` };
}

/** A topic to which nobody subscribes. */
export async function makeTopic(name: string): Promise<string> {
  const client = new SNSClient({});
  const { TopicArn = '' } = await client.send(new CreateTopicCommand({ Name: name }));
  return TopicArn;
}

const sqs = (): SQSClient => new SQSClient({ useQueueUrlAsEndpoint: false });

export async function setQueue(url: string, attributes: Record<string, string>): Promise<void> {
  await sqs().send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: attributes }));
}

/** Messages in a queue, those in somebody's hand too. */
export async function countMessages(url: string): Promise<number> {
  const names: QueueAttributeName[] = [
    'ApproximateNumberOfMessages',
    'ApproximateNumberOfMessagesNotVisible',
    'ApproximateNumberOfMessagesDelayed',
  ];
  const { Attributes = {} } = await sqs().send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: names }),
  );
  return names.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
}
