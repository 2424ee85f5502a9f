// The dead-letter queue of an SQS queue, as the queue's redrive policy names it: how many messages it has,
// and the way to take them back.

import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type QueueAttributeName,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { z } from 'zod';
import { BUS_REQUEST_MS_MAX, DEAD_LETTER_SHELF_S } from '../limits.ts';
import type { BusDeadLetters, BusReceiver, ReceivedMessage } from './bus.ts';
import { Caller } from './sns-sqs-call.ts';
import { clientSettings, placeOfQueue } from './sns-sqs-client.ts';
import type { Attempt } from './sns-sqs-error.ts';
import { openSqsReceiver } from './sns-sqs-receiver.ts';

/** Whoever asks has counted, so there is hardly anything to wait for. */
const PATIENCE = { requestMs: BUS_REQUEST_MS_MAX, waitSeconds: 2 };
const SOCKETS = 1;
/** Of one that a receiver was killed with. */
const HIDDEN_S = 30;
const RedrivePolicy = z.object({ deadLetterTargetArn: z.string() });

export function openSqsDeadLetters(
  queue: string,
  hiddenSeconds: number = HIDDEN_S,
): BusDeadLetters {
  return new SqsDeadLetters(queue, hiddenSeconds);
}

interface Target {
  readonly arn: string;
  readonly queue: AskedQueue;
  readonly letters: BusReceiver;
  readonly shelf: BusReceiver;
}

class SqsDeadLetters implements BusDeadLetters {
  readonly #queue: string;
  readonly #hiddenSeconds: number;
  readonly #source: AskedQueue;
  /** A policy may be changed while we run. */
  #target: Target | null = null;

  constructor(queue: string, hiddenSeconds: number) {
    this.#queue = queue;
    this.#hiddenSeconds = hiddenSeconds;
    this.#source = new AskedQueue(queue);
  }

  async count(): Promise<number | null> {
    const { RedrivePolicy: policy = '' } = await this.#source.attributes(['RedrivePolicy']);
    const arn = targetOf(policy);
    if (arn !== this.#target?.arn) {
      this.#closeTarget();
      if (arn !== undefined) this.#target = this.#openTarget(arn);
    }
    if (this.#target === null) return null;
    const numbers = await this.#target.queue.attributes([
      'ApproximateNumberOfMessages',
      'ApproximateNumberOfMessagesNotVisible',
    ]);
    const waiting = Number(numbers.ApproximateNumberOfMessages ?? 0);
    return waiting + Number(numbers.ApproximateNumberOfMessagesNotVisible ?? 0);
  }

  async receive(signal: AbortSignal): Promise<readonly ReceivedMessage[]> {
    return (await this.#target?.letters.receive(signal)) ?? [];
  }

  async acknowledge(messages: readonly ReceivedMessage[]): Promise<void> {
    await this.#target?.letters.acknowledge(messages);
  }

  async release(messages: readonly ReceivedMessage[]): Promise<void> {
    await this.#target?.letters.release(messages);
  }

  async shelve(messages: readonly ReceivedMessage[]): Promise<void> {
    await this.#target?.shelf.hold(messages);
  }

  close(): void {
    this.#source.close();
    this.#closeTarget();
  }

  #openTarget(arn: string): Target {
    const place = siblingOf(this.#queue, arn);
    return {
      arn,
      queue: new AskedQueue(place),
      letters: openSqsReceiver(place, this.#hiddenSeconds, PATIENCE),
      shelf: openSqsReceiver(place, DEAD_LETTER_SHELF_S, PATIENCE),
    };
  }

  #closeTarget(): void {
    this.#target?.queue.close();
    this.#target?.letters.close();
    this.#target?.shelf.close();
    this.#target = null;
  }
}

/** A queue, by URL, ARN or name, that is asked about itself. */
class AskedQueue {
  readonly #attempt: Attempt;
  readonly #caller: Caller<SQSClient>;
  readonly #name: { readonly QueueName: string; readonly QueueOwnerAWSAccountId?: string };
  #url: string | null;

  constructor(queue: string) {
    const { region, endpoint, name, account, url } = placeOfQueue(queue);
    const settings = clientSettings(region, endpoint, SOCKETS);
    this.#caller = new Caller(
      (systemClockOffset) =>
        new SQSClient({ ...settings, useQueueUrlAsEndpoint: false, systemClockOffset }),
      BUS_REQUEST_MS_MAX,
    );
    const action = 'sqs:GetQueueAttributes';
    this.#attempt = { service: 'SQS', action, option: 'SQS_QUEUE', target: queue, endpoint };
    this.#name = {
      QueueName: name ?? queue,
      ...(account === null ? {} : { QueueOwnerAWSAccountId: account }),
    };
    this.#url = url;
  }

  /** Rejects with a BusError. */
  async attributes(
    AttributeNames: QueueAttributeName[],
  ): Promise<Partial<Record<QueueAttributeName, string>>> {
    return await this.#caller.call(this.#attempt, async (client, abortSignal) => {
      const options = { abortSignal };
      if (this.#url === null) {
        const { QueueUrl } = await client.send(new GetQueueUrlCommand(this.#name), options);
        this.#url = QueueUrl ?? null;
      }
      const asked = { QueueUrl: this.#url ?? '', AttributeNames };
      const answer = await client.send(new GetQueueAttributesCommand(asked), options);
      return answer.Attributes ?? {};
    });
  }

  close(): void {
    this.#caller.close();
  }
}

function targetOf(policy: string): string | undefined {
  try {
    return RedrivePolicy.safeParse(JSON.parse(policy)).data?.deadLetterTargetArn;
  } catch {
    return undefined;
  }
}

/** A queue's dead letters are of its own account and region: so is their URL, which asks for no look-up. */
function siblingOf(queue: string, arn: string): string {
  const { url } = placeOfQueue(queue);
  const [account, name] = arn.split(':').slice(-2);
  return url === null ? arn : `${new URL(url).origin}/${account}/${name}`;
}
