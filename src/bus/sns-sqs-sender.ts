// The sending side on Amazon SNS: publishes batches to one topic.

import {
  GetTopicAttributesCommand,
  PublishBatchCommand,
  type PublishBatchCommandOutput,
  SNSClient,
} from '@aws-sdk/client-sns';
import { BUS_REQUEST_MS_MAX, RELAY_REQUESTS_MAX } from '../limits.ts';
import { BusError, type BusSender, type OutgoingMessage } from './bus.ts';
import { Caller } from './sns-sqs-call.ts';
import { clientSettings, regionOfTopic } from './sns-sqs-client.ts';
import { type Attempt, busError, entryError } from './sns-sqs-error.ts';

/** Entries of a PublishBatch, and the bytes of all of them with their attributes (SNS quotas). */
const ENTRIES_MAX = 10;
const BATCH_BYTES_MAX = 256 * 1024;
/** `Type` and `String`, which each entry's attribute has beside its value. */
const ATTRIBUTE_BYTES = 10;

/** `requestMs`: after which a request without a whole answer has failed. */
export function openSnsSender(topic: string, requestMs: number = BUS_REQUEST_MS_MAX): BusSender {
  return new SnsSender(topic, requestMs);
}

class SnsSender implements BusSender {
  readonly messagesMax = ENTRIES_MAX;
  readonly bytesMax = BATCH_BYTES_MAX - ENTRIES_MAX * ATTRIBUTE_BYTES;
  readonly #topic: string;
  readonly #caller: Caller<SNSClient>;

  constructor(topic: string, requestMs: number) {
    this.#topic = topic;
    const settings = clientSettings(regionOfTopic(topic), null, RELAY_REQUESTS_MAX);
    this.#caller = new Caller(
      (systemClockOffset) => new SNSClient({ ...settings, systemClockOffset }),
      requestMs,
    );
  }

  async check(): Promise<void> {
    try {
      const command = new GetTopicAttributesCommand({ TopicArn: this.#topic });
      const answer = await this.#caller.call(
        this.#attempt('sns:GetTopicAttributes'),
        (client, abortSignal) => client.send(command, { abortSignal }),
      );
      if (answer.Attributes?.['TopicArn'] === undefined)
        throw this.#notSns('its answer names no topic');
    } catch (error) {
      // Publishing needs no permission to look: only the attempt will tell.
      if (!(error instanceof BusError) || error.fault !== 'denied' || !isForbidden(error))
        throw error;
    }
  }

  async send(messages: readonly OutgoingMessage[]): Promise<readonly (BusError | null)[]> {
    const entries = messages.map(({ type, body }, index) => ({
      Id: String(index),
      Message: body,
      MessageAttributes: { Type: { DataType: 'String', StringValue: type } },
    }));
    const command = new PublishBatchCommand({
      TopicArn: this.#topic,
      PublishBatchRequestEntries: entries,
    });
    const answer = await this.#caller.call(this.#attempt('sns:Publish'), (client, abortSignal) =>
      client.send(command, { abortSignal }),
    );
    return this.#outcomes(answer, messages.length);
  }

  close(): void {
    this.#caller.close();
  }

  /** Whoever is not named as accepted was not accepted: something else than SNS may have answered. */
  #outcomes(answer: PublishBatchCommandOutput, count: number): (BusError | null)[] {
    const accepted = new Set(answer.Successful?.map(({ Id }) => Id));
    const failed = new Map(answer.Failed?.map((entry) => [entry.Id, entry]));
    if (accepted.size === 0 && failed.size === 0) throw this.#notSns('its answer names no entry');
    return Array.from({ length: count }, (_, index) => {
      if (accepted.has(String(index))) return null;
      const {
        Code = 'Unknown',
        Message = '',
        SenderFault = false,
      } = failed.get(String(index)) ?? {};
      return entryError(Code, Message, SenderFault, this.#attempt('sns:Publish'));
    });
  }

  #attempt(action: string): Attempt {
    return { service: 'SNS', action, option: 'SNS_TOPIC', target: this.#topic };
  }

  #notSns(message: string): BusError {
    const foreign = { name: 'Unknown', message, $metadata: { httpStatusCode: 200 } };
    return busError(foreign, this.#attempt('sns:Publish'));
  }
}

/** A policy's refusal, as opposed to credentials that are missing or that nobody knows. */
function isForbidden({ cause }: BusError): boolean {
  return (
    cause instanceof Error && /AccessDenied|AuthorizationError|NotAuthorized/i.test(cause.name)
  );
}
