// The settings and policies that truepixel aws-setup gives topic and queues, and the smallest IAM
// policies with which collect and store work.

import { MESSAGE_TYPES } from './message.ts';

/** Deliveries after which a message that was never removed goes to the dead letters. */
const DELIVERIES_MAX = 3;
/** The longest that SQS keeps a message: a store may be down for as long. */
const RETENTION_S = 14 * 24 * 3_600;
/** For receivers that do not say otherwise; ours do. */
const HIDDEN_S = 30;
const WAIT_S = 20;
/** SQS' own: 256 KiB. */
const MESSAGE_BYTES_MAX = 262_144;
const STATEMENT_ID = 'truepixel-topic';

export type Attributes = Readonly<Record<string, string>>;

/** What a queue that was made for something else may have otherwise, and loses or delays hits by. */
const ordinary: Attributes = {
  MessageRetentionPeriod: String(RETENTION_S),
  DelaySeconds: '0',
  MaximumMessageSize: String(MESSAGE_BYTES_MAX),
};

export const deadLetterAttributes: Attributes = ordinary;

export function queueAttributes(deadLetterArn: string, policy: string): Attributes {
  return {
    ...ordinary,
    VisibilityTimeout: String(HIDDEN_S),
    ReceiveMessageWaitTimeSeconds: String(WAIT_S),
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: deadLetterArn,
      maxReceiveCount: DELIVERIES_MAX,
    }),
    Policy: policy,
  };
}

/** In the order in which they are set: a policy is read in the scope that holds then. */
export const subscriptionAttributes: Attributes = {
  RawMessageDelivery: 'true',
  FilterPolicyScope: 'MessageAttributes',
  FilterPolicy: JSON.stringify({ Type: MESSAGE_TYPES }),
};

interface Policy {
  readonly Statement?: readonly { readonly Sid?: string }[];
}

/** The queue's policy with a statement that lets the topic send to it; what else stands in it is kept. */
export function queuePolicy(
  topicArn: string,
  queueArn: string,
  present: string | undefined,
): string {
  const known = present ? (JSON.parse(present) as Policy) : {};
  const others = [known.Statement ?? []].flat().filter(({ Sid }) => Sid !== STATEMENT_ID);
  const statement = {
    Sid: STATEMENT_ID,
    Effect: 'Allow',
    Principal: { Service: 'sns.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: queueArn,
    Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
  };
  return JSON.stringify({ Version: '2012-10-17', ...known, Statement: [...others, statement] });
}

/** PublishBatch asks for the same permission as Publish. */
export function collectPolicy(topicArn: string): string {
  return iamPolicy(['sns:Publish'], topicArn);
}

/** The dead letters are taken back by the store itself (delivery/dead-letters.ts). */
export function storePolicy(queueArn: string, deadLetterArn: string): string {
  const actions = [
    'ReceiveMessage',
    'DeleteMessage',
    'ChangeMessageVisibility',
    'GetQueueAttributes',
    'GetQueueUrl',
  ];
  return iamPolicy(
    actions.map((action) => `sqs:${action}`),
    [queueArn, deadLetterArn],
  );
}

function iamPolicy(actions: readonly string[], resource: string | readonly string[]): string {
  const statement = { Effect: 'Allow', Action: actions, Resource: resource };
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] }, null, 2);
}

/** What an ARN of the region begins with after `arn:` (AWS, China, GovCloud). */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
