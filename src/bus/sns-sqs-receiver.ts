// The receiving side on Amazon SQS: long polling, batch deletion and visibility of one queue.

import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  type ReceiveMessageCommandOutput,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { BUS_REQUEST_MS_MAX, CONSUMER_RECEIVERS_MAX } from '../limits.ts';
import type { BusReceiver, ReceivedMessage } from './bus.ts';
import { Caller } from './sns-sqs-call.ts';
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

/** How long things may take. */
interface Patience {
  /** A request without a whole answer has failed then; one that waits for messages has `waitSeconds` more. */
  readonly requestMs: number;
  readonly waitSeconds: number;
}

const PATIENCE: Patience = { requestMs: BUS_REQUEST_MS_MAX, waitSeconds: WAIT_S };

export function openSqsReceiver(
  queue: string,
  hiddenSeconds: number = HIDDEN_S,
  patience: Patience = PATIENCE,
): BusReceiver {
  return new SqsReceiver(queue, hiddenSeconds, patience);
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

type Work<T> = (client: SQSClient, url: string, abortSignal: AbortSignal) => Promise<T>;

class SqsReceiver implements BusReceiver {
  readonly messagesMax = ENTRIES_MAX;
  readonly hiddenMs: number;
  readonly #queue: string;
  readonly #hiddenSeconds: number;
  readonly #place: QueuePlace;
  readonly #waitSeconds: number;
  readonly #caller: Caller<SQSClient>;
  #url: string | null;

  constructor(queue: string, hiddenSeconds: number, { requestMs, waitSeconds }: Patience) {
    this.#queue = queue;
    this.#hiddenSeconds = hiddenSeconds;
    this.hiddenMs = hiddenSeconds * 1_000;
    this.#waitSeconds = waitSeconds;
    this.#place = placeOfQueue(queue);
    this.#url = this.#place.url;
    const { region, endpoint } = this.#place;
    const sockets = CONSUMER_RECEIVERS_MAX + REQUESTS_MAX;
    const settings = clientSettings(region, endpoint, sockets, waitSeconds * 1_000);
    // A queue's URL names the host that an emulator believes to have, which may resolve nowhere.
    const named = { ...settings, useQueueUrlAsEndpoint: false };
    this.#caller = new Caller(
      (systemClockOffset) => new SQSClient({ ...named, systemClockOffset }),
      requestMs,
    );
  }

  async check(): Promise<readonly string[]> {
    const answer = await this.#use('sqs:GetQueueAttributes', (client, QueueUrl, abortSignal) => {
      const input = { QueueUrl, AttributeNames: ['RedrivePolicy' as const] };
      return client.send(new GetQueueAttributesCommand(input), { abortSignal });
    });
    if (answer.Attributes?.RedrivePolicy) return [];
    return [
      `SQS_QUEUE ${this.#queue} has no dead-letter queue: a message that cannot be read comes back until ` +
        'its retention ends; truepixel aws-setup makes one',
    ];
  }

  async receive(signal: AbortSignal): Promise<readonly ReceivedMessage[]> {
    const began = performance.now();
    const waiting = { ms: this.#waitSeconds * 1_000, signal };
    const work: Work<ReceiveMessageCommandOutput> = (client, QueueUrl, abortSignal) => {
      const command = new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: ENTRIES_MAX,
        WaitTimeSeconds: this.#waitSeconds,
        VisibilityTimeout: this.#hiddenSeconds,
      });
      return client.send(command, { abortSignal });
    };
    const answer = await this.#use('sqs:ReceiveMessage', work, waiting).catch((error: unknown) => {
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
    await this.#inBatches(messages, 'sqs:DeleteMessage', (Entries) => {
      return (client, QueueUrl, abortSignal) =>
        client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }), { abortSignal });
    });
  }

  async hold(messages: readonly ReceivedMessage[]): Promise<void> {
    await this.#hide(messages, this.#hiddenSeconds);
  }

  async release(messages: readonly ReceivedMessage[]): Promise<void> {
    await this.#hide(messages, 0);
  }

  close(): void {
    this.#caller.close();
  }

  async #hide(messages: readonly ReceivedMessage[], seconds: number): Promise<void> {
    await this.#inBatches(messages, 'sqs:ChangeMessageVisibility', (entries) => {
      const Entries = entries.map((entry) => ({ ...entry, VisibilityTimeout: seconds }));
      return (client, QueueUrl, abortSignal) =>
        client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }), {
          abortSignal,
        });
    });
  }

  /** Every batch is tried, whatever became of the others; the first failure is thrown. */
  async #inBatches(
    messages: readonly ReceivedMessage[],
    action: string,
    workOn: (entries: Entry[]) => Work<BatchAnswer>,
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
          const answer = await this.#use(action, workOn(entries));
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

  async #use<T>(
    action: string,
    work: Work<T>,
    waiting?: { readonly ms: number; readonly signal: AbortSignal },
  ): Promise<T> {
    this.#url ??= await this.#caller.call(
      this.#attempt(action),
      (client, abortSignal) => this.#lookUp(client, abortSignal),
      waiting && { ms: 0, signal: waiting.signal },
    );
    const url = this.#url;
    return await this.#caller.call(
      this.#attempt(action),
      (client, abortSignal) => work(client, url, abortSignal),
      waiting,
    );
  }

  async #lookUp(client: SQSClient, abortSignal: AbortSignal): Promise<string> {
    const { name, account } = this.#place;
    const owner = account === null ? {} : { QueueOwnerAWSAccountId: account };
    const answer = await client.send(
      new GetQueueUrlCommand({ QueueName: name ?? this.#queue, ...owner }),
      { abortSignal },
    );
    if (answer.QueueUrl === undefined) throw Object.assign(new Error('no URL'), answer);
    return answer.QueueUrl;
  }

  #attempt(action: string): Attempt {
    const { endpoint } = this.#place;
    return { service: 'SQS', action, option: 'SQS_QUEUE', target: this.#queue, endpoint };
  }
}

function toReceived(message: Message): ReceivedMessage {
  const { MessageId = '', ReceiptHandle = '', Body = '' } = message;
  return { id: MessageId, receipt: ReceiptHandle, body: Body };
}
