// What a failure of SNS or SQS means, and the one line that says what to do about it.

import { BusError, type BusFault } from './bus.ts';
import { type AwsService, describeEndpoint } from './sns-sqs-client.ts';

/** What was being done, for the line. */
export interface Attempt {
  readonly service: AwsService;
  /** The permission that it needs, such as `sns:Publish`. */
  readonly action: string;
  /** The option that names the topic or queue, and its value. */
  readonly option: 'SNS_TOPIC' | 'SQS_QUEUE' | null;
  readonly target: string;
  readonly endpoint?: string | null;
}

/** What the SDK throws: service errors, Node's errors, and its own. */
interface Thrown {
  readonly name: string;
  readonly message: string;
  readonly code?: unknown;
  /** The service's own code, when it sent one. */
  readonly Code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

type Said = Pick<Thrown, 'name' | 'message'>;

const CHARS_SHOWN_MAX = 300;

const DENIED_NAMES = [
  'AccessDenied',
  'AuthorizationError',
  'NotAuthorized',
  'InvalidClientTokenId',
  'UnrecognizedClient',
  'Signature',
  'ExpiredToken',
  'InvalidSecurity',
  'MissingAuthentication',
  'InvalidAccessKey',
  'OptInRequired',
  'CredentialsProvider',
  'TokenProvider',
  'KMSAccess',
  'RequestExpired',
  'RequestInTheFuture',
  'RequestTimeTooSkewed',
];
const DENIED = new RegExp(DENIED_NAMES.join('|'), 'i');
const MISSING = /NotFound|NonExistentQueue|QueueDoesNotExist/i;
const THROTTLED = /Throttl|TooManyRequests|RequestLimit|OverLimit|SlowDown/i;
/** By the code, or by the words with which a signature is refused that is right but for its time. */
const CLOCK =
  /RequestExpired|RequestInTheFuture|RequestTimeTooSkewed|Signature (expired|not yet current)/i;
/** Of sns-sqs-call.ts, and of the SDK. */
const ENDED = /^(TimeoutError|AbortError)$/;
const UNREACHABLE =
  /^(E[A-Z]+|UND_ERR_.*|ERR_TLS_.*|ERR_SSL_.*|CERT_.*|DEPTH_ZERO_.*|SELF_SIGNED_.*|UNABLE_TO_.*)$/;

export function busError(error: unknown, attempt: Attempt): BusError {
  if (error instanceof BusError) return error;
  const thrown = error as Thrown;
  const fault = faultOf(thrown);
  const trouble = troubleOf(fault, thrown, attempt);
  return new BusError(fault, describe(fault, thrown, attempt), { cause: error, trouble });
}

/** An entry of a batch that was refused while others may have been accepted. */
export function entryError(
  code: string,
  message: string,
  senderFault: boolean,
  attempt: Attempt,
): BusError {
  const known = faultOfCode(code);
  const fault = known ?? (senderFault ? 'invalid' : 'failed');
  const said = { name: code, message };
  const trouble = troubleOf(fault, said, attempt);
  return new BusError(fault, describe(fault, said, attempt), { trouble });
}

/** Without the message, in which there may be the time or a request's id. */
function troubleOf(fault: BusFault, thrown: Said, { action }: Attempt): string {
  return `${fault} ${action} ${isClock(thrown) ? 'clock' : thrown.name}`;
}

const isClock = ({ name, message }: Said): boolean => CLOCK.test(`${name}: ${message}`);

function faultOf(thrown: Thrown): BusFault {
  const { name, message, code } = thrown;
  const status = thrown.$metadata?.httpStatusCode;
  if (status === undefined) {
    if (/^HPE_|^EPROTO$|^ERR_INVALID_URL$/.test(String(code))) return 'not-a-bus';
    if (DENIED.test(name)) return 'denied';
    const isNetwork = typeof code === 'string' && UNREACHABLE.test(code);
    return ENDED.test(name) || isNetwork ? 'unreachable' : 'invalid';
  }
  // Without a code from the service the SDK guesses from the status: an answer of something else.
  if (
    /^(Unknown|UnknownError|SyntaxError|Error)$/.test(name) ||
    /^Unknown(Error)?$/.test(message)
  ) {
    return status >= 500 ? 'failed' : 'not-a-bus';
  }
  return faultOfCode(name) ?? (status >= 500 ? 'failed' : status === 403 ? 'denied' : 'invalid');
}

function faultOfCode(code: string): BusFault | null {
  if (THROTTLED.test(code)) return 'throttled';
  if (DENIED.test(code)) return 'denied';
  if (MISSING.test(code)) return 'missing';
  return /Internal|Unavailable|Failure/i.test(code) ? 'failed' : null;
}

function describe(fault: BusFault, thrown: Said & Pick<Thrown, '$response'>, of: Attempt): string {
  const { service, action, option, target } = of;
  const where = describeEndpoint(service, of.endpoint);
  const named = option === null ? target : `${option} ${target}`;
  const message = thrown.message.replaceAll(/\s+/g, ' ').slice(0, CHARS_SHOWN_MAX);
  const said = `(${thrown.name}: ${message})`;
  if (/Region is missing/i.test(message)) return 'no AWS region is known: set AWS_REGION';
  if (isClock(thrown)) {
    return `${where} refuses ${action}, as this machine’s clock is ${wrongness(thrown)}: set it ${said}`;
  }
  if (ENDED.test(thrown.name)) {
    return `${where} does not answer ${action} in time: check AWS_ENDPOINT_URL and the network ${said}`;
  }
  const lines: Readonly<Record<BusFault, string>> = {
    unreachable: `${where} cannot be reached: check AWS_ENDPOINT_URL, the region and the network ${said}`,
    'not-a-bus': `what answers at ${where} is not ${service}: check AWS_ENDPOINT_URL ${said}`,
    missing: `${named} does not exist at ${where}: check it, or run truepixel aws-setup`,
    denied:
      `${action} on ${target} is denied: check the credentials and their policy, which ` +
      `truepixel aws-setup --dry-run prints ${said}`,
    invalid: `${where} does not accept ${action} on ${named} ${said}`,
    throttled: `${where} limits the rate of ${action} ${said}`,
    failed: `${action} failed at ${where} ${said}`,
  };
  return lines[fault];
}

/** How wrong the clock is, by the time that the answer bears. */
function wrongness({ $response }: Pick<Thrown, '$response'>): string {
  const minutes = Math.round(
    (Date.now() - Date.parse($response?.headers?.['date'] ?? '')) / 60_000,
  );
  if (Number.isNaN(minutes) || minutes === 0) return 'wrong';
  return `${Math.abs(minutes)} minutes ${minutes > 0 ? 'fast' : 'slow'}`;
}
