// `truepixel aws-setup`: what it makes of queues, policies and subscriptions that exist, and what it says.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  CreateTopicCommand,
  GetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { openSqsReceiver } from '../../src/bus/sns-sqs-receiver.ts';
import { openSnsSender } from '../../src/bus/sns-sqs-sender.ts';
import {
  awsEnvironment,
  type Emulator,
  makePlace,
  pointAwsAt,
  setQueue,
  startFauxqs,
} from './emulator.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

let emulator: Emulator;
before(async () => {
  emulator = await startFauxqs();
  pointAwsAt(emulator.endpoint);
});
after(() => emulator.stop());

const truepixel = (args: readonly string[], env: Record<string, string>) =>
  spawnSync(process.execPath, [MAIN, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', ...env },
  });

suite('aws-setup', () => {
  const setUp = (...args: string[]) =>
    truepixel(['aws-setup', ...args], awsEnvironment(emulator.endpoint));

  test('mends what somebody has changed, and keeps what others wrote into the policy', async () => {
    const { queueUrl } = await makePlace('mended');
    const theirs = { Sid: 'theirs', Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage' };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [theirs] });
    await setQueue(queueUrl, { RedrivePolicy: '', VisibilityTimeout: '7', Policy });
    assert.equal(setUp('mended').status, 0);
    const attributes = await attributesOf(queueUrl);
    assert.equal(attributes['VisibilityTimeout'], '30');
    assert.match(attributes['RedrivePolicy'] ?? '', /"maxReceiveCount":3/);
    const { Statement } = JSON.parse(attributes['Policy'] ?? '') as {
      Statement: { Sid: string }[];
    };
    assert.deepEqual(
      Statement.map(({ Sid }) => Sid),
      ['theirs', 'truepixel-topic'],
    );
  });

  test('takes a queue and a subscription that were made for something else', async () => {
    const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
    const sns = new SNSClient({});
    const { QueueUrl: url = '' } = await sqs.send(
      new CreateQueueCommand({
        QueueName: 'theirs',
        Attributes: { DelaySeconds: '900', MaximumMessageSize: '1024', VisibilityTimeout: '5' },
      }),
    );
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'theirs' }));
    const { QueueArn: Endpoint } = await attributesOf(url);
    const { SubscriptionArn } = await sns.send(
      new SubscribeCommand({
        TopicArn,
        Protocol: 'sqs',
        Endpoint,
        ReturnSubscriptionArn: true,
        Attributes: { FilterPolicyScope: 'MessageBody', FilterPolicy: '{"a":["b"]}' },
      }),
    );
    const made = setUp('theirs');
    assert.equal(made.status, 0, made.stderr);
    const { DelaySeconds, MaximumMessageSize } = await attributesOf(url);
    assert.deepEqual([DelaySeconds, MaximumMessageSize], ['0', '262144']);
    const { Attributes } = await sns.send(
      new GetSubscriptionAttributesCommand({ SubscriptionArn }),
    );
    assert.equal(Attributes?.['FilterPolicyScope'], 'MessageAttributes');
    const sender = openSnsSender(TopicArn ?? '');
    const receiver = openSqsReceiver(url);
    assert.deepEqual(await sender.send([{ type: 'Visit', body: '{}' }]), [null]);
    const [message] = await receiver.receive(AbortSignal.timeout(10_000));
    assert.equal(message?.body, '{}');
    sender.close();
    receiver.close();
  });

  test('--dry-run asks nobody, and prints the smallest policies of both sides', () => {
    const dry = truepixel(['aws-setup', 'mine', '--dry-run'], { AWS_REGION: 'eu-west-1' });
    assert.equal(dry.status, 0, dry.stderr);
    assert.match(dry.stdout, /^Nothing was made\./);
    assert.match(dry.stdout, /arn:aws:sns:eu-west-1:ACCOUNT:mine$/m);
    const policies = dry.stdout.slice(dry.stdout.indexOf('IAM policy of collect'));
    const actions = [...policies.matchAll(/"((?:sns|sqs):\w+)"/g)].map(([, action]) => action);
    assert.deepEqual(actions, [
      'sns:Publish',
      'sqs:ReceiveMessage',
      'sqs:DeleteMessage',
      'sqs:ChangeMessageVisibility',
      'sqs:GetQueueAttributes',
      'sqs:GetQueueUrl',
    ]);
  });

  test('--dry-run writes ARNs as the region does, and lets the store read the dead letters', () => {
    for (const [region, partition] of [
      ['cn-north-1', 'aws-cn'],
      ['us-gov-west-1', 'aws-us-gov'],
      ['us-east-1', 'aws'],
    ] as const) {
      const { stdout } = truepixel(['aws-setup', 'x', '--dry-run'], { AWS_REGION: region });
      const arns = [...stdout.matchAll(/arn:([a-z-]+):s[nq]s:([a-z0-9-]+):/g)];
      assert.ok(arns.length >= 8);
      assert.ok(arns.every(([, first, second]) => first === partition && second === region));
      const ofStore = stdout.slice(stdout.indexOf('IAM policy of store:'));
      assert.match(ofStore, /"arn:\S+:x",\s+"arn:\S+:x-dead-letters"/);
    }
  });

  test('says in one line what is wrong', () => {
    const nobody = truepixel(['aws-setup'], {
      ...awsEnvironment('http://127.0.0.1:1'),
    });
    assert.equal(nobody.status, 1);
    assert.match(
      nobody.stderr,
      /^truepixel: aws-setup: http:\/\/127\.0\.0\.1:1 cannot be reached[^\n]*\n$/,
    );
    assert.equal(setUp('two', 'names').status, 2);
    assert.equal(setUp('not a name').status, 2);
  });
});

async function attributesOf(url: string): Promise<Record<string, string>> {
  const client = new SQSClient({ useQueueUrlAsEndpoint: false });
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
  );
  return Attributes;
}
