// What both sides of SNS and SQS share: where a topic or queue is, and how their clients are set up.
// Credentials, region and endpoint come from where every AWS tool reads them (environment, profile, the
// machine's role).

import type { SNSClientConfig } from '@aws-sdk/client-sns';
import type { SQSClientConfig } from '@aws-sdk/client-sqs';
import { BUS_CONNECT_MS_MAX, BUS_REQUEST_MS_MAX } from '../limits.ts';

export type AwsService = 'SNS' | 'SQS';

const TOPIC_ARN = /^arn:aws[a-z-]*:sns:([a-z0-9-]+):\d*:[A-Za-z0-9_-]{1,256}$/;
const QUEUE_ARN = /^arn:aws[a-z-]*:sqs:([a-z0-9-]+):(\d*):([A-Za-z0-9_-]{1,80})$/;
const AWS_QUEUE_HOST = /^(?:sqs\.([a-z0-9-]+)|([a-z0-9-]+)\.queue)\.amazonaws\.com(?:\.cn)?$/;

/** The region that a topic's ARN names: SNS accepts a topic in its own region only. */
export function regionOfTopic(arn: string): string | null {
  return TOPIC_ARN.exec(arn)?.[1] ?? null;
}

export interface QueuePlace {
  /** Null: it is looked up by name. */
  readonly url: string | null;
  readonly name: string | null;
  /** The account that owns it; null: the caller's. */
  readonly account: string | null;
  /** Null: whatever the environment or profile says. */
  readonly region: string | null;
  /** Null: AWS, or whatever the environment or profile says. */
  readonly endpoint: string | null;
}

/** A queue by its URL, its ARN or its name. */
export function placeOfQueue(given: string): QueuePlace {
  const [isArn, region, account, name] = QUEUE_ARN.exec(given) ?? [];
  if (isArn !== undefined) {
    return {
      url: null,
      name: name ?? null,
      account: account || null,
      region: region ?? null,
      endpoint: null,
    };
  }
  if (!URL.canParse(given)) {
    return { url: null, name: given, account: null, region: null, endpoint: null };
  }
  const { origin, hostname } = new URL(given);
  const [isAws, inHost, inOldHost] = AWS_QUEUE_HOST.exec(hostname) ?? [];
  return {
    url: given,
    name: null,
    account: null,
    region: inHost ?? inOldHost ?? null,
    endpoint: isAws === undefined && endpointGiven('SQS') === null ? origin : null,
  };
}

function endpointGiven(service: AwsService): string | null {
  return process.env[`AWS_ENDPOINT_URL_${service}`] || process.env['AWS_ENDPOINT_URL'] || null;
}

/** For people: who is asked. */
export function describeEndpoint(service: AwsService, endpoint: string | null = null): string {
  return endpoint ?? endpointGiven(service) ?? `${service} of AWS`;
}

/**
 * Settings of a client that asks once: when to ask again is decided by who asks. `longestMs`: how long a
 * service may take besides, as it is asked to wait.
 */
export function clientSettings(
  region: string | null,
  endpoint: string | null,
  sockets: number,
  longestMs = 0,
): SNSClientConfig & SQSClientConfig {
  const silentMs = BUS_REQUEST_MS_MAX + longestMs;
  const agent = { keepAlive: true, maxSockets: sockets };
  return {
    maxAttempts: 1,
    ...(region === null ? {} : { region }),
    ...(endpoint === null ? {} : { endpoint }),
    requestHandler: {
      connectionTimeout: BUS_CONNECT_MS_MAX,
      // Until the answer begins, and between any two pieces of it; sns-sqs-call.ts bounds the whole.
      requestTimeout: silentMs,
      throwOnRequestTimeout: true,
      socketTimeout: silentMs,
      httpAgent: agent,
      httpsAgent: agent,
    },
  };
}
