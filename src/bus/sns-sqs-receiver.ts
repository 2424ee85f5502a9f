// The receiving side on Amazon SQS: long polling, batch deletion and visibility of one queue.

import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { CONSUMER_RECEIVERS_MAX } from '../limits.ts';
import type { BusReceiver, ReceivedMessage } from './bus.ts';
import { clientSettings, placeOfQueue, type QueuePlace } from './sns-sqs-client.ts';
import { type Attempt, busError, entryError } from './sns-sqs-error.ts';

/** Of one request, whether it receives, deletes or changes (SQS quotas). */
const ENTRIES_MAX = 10;
/** The longest that SQS lets a receiver wait. */
const WAIT_S = 20;
/** SQS' own default: so long do messages stay away whose receiver was killed. */
const HIDDEN_S = 30;
/** Deletions and the like under way at once, beside the receivers. */
const REQUESTS_MAX = 8;
/** An answer without a message that comes sooner, and without a request's id, is hardly that of SQS. */
const HASTY_MS = 1_000;

export function openSqsReceiver(queue: string, hiddenSeconds: number = HIDDEN_S): BusReceiver {
  return new SqsReceiver(queue, hiddenSeconds);
}

interface Entry {
  readonly Id: string;
  readonly ReceiptHandle: string;
}

interface BatchAnswer {
  readonly Failed?:
    | readonly {
        Id?: string | undefined;
        Code?: string | undefined;
        Message?: string | undefined;
      }[]
    | undefined;
}

class SqsReceiver implements BusReceiver {
  readonly messagesMax = ENTRIES_MAX;
  readonly hiddenMs: number;
  readonly #queue: string;
  readonly #hiddenSeconds: number;
  readonly #place: QueuePlace;
  #client: SQSClient | null = null;
  #url: string | null;

  constructor(queue: string, hiddenSeconds: number) {
    this.#queue = queue;
    this.#hiddenSeconds = hiddenSeconds;
    this.hiddenMs = hiddenSeconds * 1_000;
    this.#place = placeOfQueue(queue);
    this.#url = this.#place.url;
  }

  async check(): Promise<readonly string[]> {
    const answer = await this.#use('sqs:GetQueueAttributes', (client, QueueUrl) =>
      client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['RedrivePolicy'] })),
    );
    if (answer.Attributes?.RedrivePolicy) return [];
    return [
      `SQS_QUEUE ${this.#queue} has no dead-letter queue: a message that cannot be read comes back until ` +
        'its retention ends; truepixel aws-setup makes one',
    ];
  }

  async receive(signal: AbortSignal): Promise<readonly ReceivedMessage[]> {
    const began = performance.now();
    const answer = await this.#use('sqs:ReceiveMessage', (client, QueueUrl) => {
      const command = new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: ENTRIES_MAX,
        WaitTimeSeconds: WAIT_S,
        VisibilityTimeout: this.#hiddenSeconds,
      });
      return client.send(command, { abortSignal: signal });
    }).catch((error: unknown) => {
      if (signal.aborted) return null;
      throw error;
    });
    const messages = answer?.Messages?.map(toReceived) ?? [];
    const isHasty = performance.now() - began < HASTY_MS;
    if (answer && messages.length === 0 && isHasty && answer.$metadata.requestId === undefined) {
      const foreign = { name: 'Unknown', message: 'it does not wait', $metadata: answer.$metadata };
      throw busError(foreign, this.#attempt('sqs:ReceiveMessage'));
    }
    return messages;
  }

  async acknowledge(messages: readonly ReceivedMessage[]): Promise<void> {
    await this.#inBatches(messages, 'sqs:DeleteMessage', (client, QueueUrl, Entries) =>
      client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries })),
    );
  }

  async hold(messages: readonly ReceivedMessage[]): Promise<void> {
    await this.#hide(messages, this.#hiddenSeconds);
  }

  async release(messages: readonly ReceivedMessage[]): Promise<void> {
    await this.#hide(messages, 0);
  }

  close(): void {
    this.#client?.destroy();
    this.#client = null;
  }

  async #hide(messages: readonly ReceivedMessage[], seconds: number): Promise<void> {
    await this.#inBatches(messages, 'sqs:ChangeMessageVisibility', (client, QueueUrl, entries) => {
      const Entries = entries.map((entry) => ({ ...entry, VisibilityTimeout: seconds }));
      return client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
    });
  }

  /** Every batch is tried, whatever became of the others; the first failure is thrown. */
  async #inBatches(
    messages: readonly ReceivedMessage[],
    action: string,
    send: (client: SQSClient, url: string, entries: Entry[]) => Promise<BatchAnswer>,
  ): Promise<void> {
    const failures: unknown[] = [];
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < messages.length) {
        const batch = messages.slice(next, (next += ENTRIES_MAX));
        const entries = batch.map(({ receipt }, index) => ({
          Id: String(index),
          ReceiptHandle: receipt,
        }));
        try {
          const answer = await this.#use(action, (client, url) => send(client, url, entries));
          const [failed] = answer.Failed ?? [];
          if (failed !== undefined) {
            const { Code = 'Unknown', Message = '' } = failed;
            failures.push(entryError(Code, Message, false, this.#attempt(action)));
          }
        } catch (error) {
          failures.push(error);
        }
      }
    };
    await Promise.all(Array.from({ length: REQUESTS_MAX }, work));
    if (failures.length > 0) throw busError(failures[0], this.#attempt(action));
  }

  async #use<T>(action: string, work: (client: SQSClient, url: string) => Promise<T>): Promise<T> {
    try {
      const { region, endpoint } = this.#place;
      const sockets = CONSUMER_RECEIVERS_MAX + REQUESTS_MAX;
      this.#client ??= new SQSClient({
        ...clientSettings(region, endpoint, sockets, WAIT_S * 1_000),
        // A queue's URL names the host that an emulator believes to have, which may resolve nowhere.
        useQueueUrlAsEndpoint: false,
      });
      this.#url ??= await this.#lookUp(this.#client);
      return await work(this.#client, this.#url);
    } catch (error) {
      const failure = busError(error, this.#attempt(action));
      // A new client reads credentials, region and endpoint anew: somebody may have mended them.
      if (!failure.retryable && !isAbort(error)) this.close();
      throw failure;
    }
  }

  async #lookUp(client: SQSClient): Promise<string> {
    const { name, account } = this.#place;
    const owner = account === null ? {} : { QueueOwnerAWSAccountId: account };
    const answer = await client.send(
      new GetQueueUrlCommand({ QueueName: name ?? this.#queue, ...owner }),
    );
    if (answer.QueueUrl === undefined) throw Object.assign(new Error('no URL'), answer);
    return answer.QueueUrl;
  }

  #attempt(action: string): Attempt {
    const { endpoint } = this.#place;
    return { service: 'SQS', action, option: 'SQS_QUEUE', target: this.#queue, endpoint };
  }
}

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

function toReceived(message: Message): ReceivedMessage {
  const { MessageId = '', ReceiptHandle = '', Body = '' } = message;
  return { id: MessageId, receipt: ReceiptHandle, body: Body };
}
