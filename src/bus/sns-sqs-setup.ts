// Makes what SNS and SQS need for collect and store to talk, step by step, each of which may be repeated.

import {
  CreateTopicCommand,
  ListSubscriptionsByTopicCommand,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { type AwsService, clientSettings } from './sns-sqs-client.ts';
import { busError } from './sns-sqs-error.ts';
import {
  type Attributes,
  collectPolicy,
  deadLetterAttributes,
  partitionOf,
  queueAttributes,
  queuePolicy,
  storePolicy,
  subscriptionAttributes,
} from './sns-sqs-policy.ts';

const SOCKETS = 1;
const deadLettersOf = (name: string): string => `${name}-dead-letters`;

/** Makes topic, queues and subscription. The text to print. Rejects with a BusError. */
export async function setUp(name: string): Promise<string> {
  const setup = new Setup();
  try {
    return await setup.run(name);
  } finally {
    setup.close();
  }
}

/** What {@link setUp} would do, and the policies that the two sides need; asks nobody. */
export async function describeSetup(name: string): Promise<string> {
  const client = new SNSClient(clientSettings(null, null, SOCKETS));
  const region = await client.config.region().catch(() => 'REGION');
  const arn = (service: string, resource: string): string =>
    `arn:${partitionOf(region)}:${service}:${region}:ACCOUNT:${resource}`;
  const topicArn = arn('sns', name);
  const queueArn = arn('sqs', name);
  const deadLetterArn = arn('sqs', deadLettersOf(name));
  return `Nothing was made. Without --dry-run this would make, or bring to these settings:

  topic              ${topicArn}
  dead-letter queue  ${deadLetterArn}
${settingLines(deadLetterAttributes)}
  queue              ${queueArn}
${settingLines(queueAttributes(deadLetterArn, queuePolicy(topicArn, queueArn, undefined)))}
  subscription       of the queue to the topic
${settingLines(subscriptionAttributes)}

IAM policy of collect (and of a store that mints pixels for other stores):

${collectPolicy(topicArn)}

IAM policy of store:

${storePolicy(queueArn, deadLetterArn)}
`;
}

function settingLines(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([key, value]) => `      ${key} = ${value}`)
    .join('\n');
}

class Setup {
  readonly #sns = new SNSClient(clientSettings(null, null, SOCKETS));
  readonly #sqs = new SQSClient({
    ...clientSettings(null, null, SOCKETS),
    useQueueUrlAsEndpoint: false,
  });

  async run(name: string): Promise<string> {
    const topicArn = await this.#makeTopic(name);
    const deadLetters = await this.#makeQueue(deadLettersOf(name));
    await this.#setQueue(deadLetters.url, deadLetterAttributes);
    const queue = await this.#makeQueue(name);
    const policy = queuePolicy(topicArn, queue.arn, queue.policy);
    await this.#setQueue(queue.url, queueAttributes(deadLetters.arn, policy));
    const subscriptionArn = await this.#subscribe(topicArn, queue.arn);
    return `topic              ${topicArn}
queue              ${queue.arn}
dead-letter queue  ${deadLetters.arn}
subscription       ${subscriptionArn}

For truepixel collect, and for truepixel store:

export SNS_TOPIC=${topicArn}
export SQS_QUEUE=${queue.url}
`;
  }

  close(): void {
    this.#sns.destroy();
    this.#sqs.destroy();
  }

  async #makeTopic(name: string): Promise<string> {
    const answer = await this.#ask('SNS', 'sns:CreateTopic', name, () =>
      this.#sns.send(new CreateTopicCommand({ Name: name })),
    );
    return present(answer.TopicArn, 'SNS', 'sns:CreateTopic', name);
  }

  /** Without attributes, which would have to be those of a queue that exists. */
  async #makeQueue(
    name: string,
  ): Promise<{ readonly url: string; readonly arn: string; readonly policy: string | undefined }> {
    const made = await this.#ask('SQS', 'sqs:CreateQueue', name, () =>
      this.#sqs.send(new CreateQueueCommand({ QueueName: name })),
    );
    const url = present(made.QueueUrl, 'SQS', 'sqs:CreateQueue', name);
    const { Attributes } = await this.#ask('SQS', 'sqs:GetQueueAttributes', name, () =>
      this.#sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn', 'Policy'] }),
      ),
    );
    const arn = present(Attributes?.QueueArn, 'SQS', 'sqs:GetQueueAttributes', name);
    return { url, arn, policy: Attributes?.Policy };
  }

  async #setQueue(url: string, attributes: Attributes): Promise<void> {
    await this.#ask('SQS', 'sqs:SetQueueAttributes', url, () =>
      this.#sqs.send(
        new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { ...attributes } }),
      ),
    );
  }

  async #subscribe(topicArn: string, queueArn: string): Promise<string> {
    const known = await this.#subscription(topicArn, queueArn);
    if (known === null) {
      const made = await this.#ask('SNS', 'sns:Subscribe', topicArn, () =>
        this.#sns.send(
          new SubscribeCommand({
            TopicArn: topicArn,
            Protocol: 'sqs',
            Endpoint: queueArn,
            Attributes: { ...subscriptionAttributes },
            ReturnSubscriptionArn: true,
          }),
        ),
      );
      return present(made.SubscriptionArn, 'SNS', 'sns:Subscribe', topicArn);
    }
    for (const [AttributeName, AttributeValue] of Object.entries(subscriptionAttributes)) {
      const command = { SubscriptionArn: known, AttributeName, AttributeValue };
      await this.#ask('SNS', 'sns:SetSubscriptionAttributes', known, () =>
        this.#sns.send(new SetSubscriptionAttributesCommand(command)),
      );
    }
    return known;
  }

  async #subscription(topicArn: string, queueArn: string): Promise<string | null> {
    let token: string | undefined;
    do {
      const page = await this.#ask('SNS', 'sns:ListSubscriptionsByTopic', topicArn, () =>
        this.#sns.send(
          new ListSubscriptionsByTopicCommand({
            TopicArn: topicArn,
            ...(token === undefined ? {} : { NextToken: token }),
          }),
        ),
      );
      const found = page.Subscriptions?.find(({ Endpoint }) => Endpoint === queueArn);
      if (found?.SubscriptionArn !== undefined) return found.SubscriptionArn;
      token = page.NextToken;
    } while (token !== undefined && token !== '');
    return null;
  }

  async #ask<T>(
    service: AwsService,
    action: string,
    target: string,
    work: () => Promise<T>,
  ): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw busError(error, { service, action, option: null, target });
    }
  }
}

function present(
  value: string | undefined,
  service: AwsService,
  action: string,
  target: string,
): string {
  if (value !== undefined) return value;
  const foreign = {
    name: 'Unknown',
    message: 'its answer names nothing',
    $metadata: { httpStatusCode: 200 },
  };
  throw busError(foreign, { service, action, option: null, target });
}
