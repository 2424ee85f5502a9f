// What goes wrong between us and AWS, said in one line that an operator can act on.

import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, suite, test, type TestContext } from 'node:test';
import { BusError, type BusFault } from '../../src/bus/bus.ts';
import { openSqsReceiver } from '../../src/bus/sns-sqs-receiver.ts';
import { openSnsSender } from '../../src/bus/sns-sqs-sender.ts';
import { type Emulator, makePlace, pointAwsAt, startFauxqs } from './emulator.ts';
import { FaultProxy } from './fault-proxy.ts';

const TOPIC = 'arn:aws:sns:us-east-1:000000000000:a-topic';
const QUEUE = 'http://somewhere.example/000000000000/a-queue';
const MESSAGE = { type: 'Visit', body: 'x' };

interface Tried {
  readonly check: BusError | null;
  readonly send: BusError | null;
  readonly receive: BusError | null;
}

/** The failure of each call to whatever AWS_ENDPOINT_URL names. */
async function tryAll(): Promise<Tried> {
  const sender = openSnsSender(TOPIC);
  const receiver = openSqsReceiver(QUEUE);
  const failure = async (call: Promise<unknown>): Promise<BusError | null> => {
    try {
      await call;
      return null;
    } catch (error) {
      assert.ok(error instanceof BusError, String(error));
      assert.doesNotMatch(error.message, /\n/);
      return error;
    }
  };
  const tried = {
    check: await failure(sender.check()),
    send: await failure(sender.send([MESSAGE])),
    receive: await failure(receiver.receive(new AbortController().signal)),
  };
  sender.close();
  receiver.close();
  return tried;
}

const faultsOf = ({ check, send, receive }: Tried): (BusFault | undefined)[] => [
  check?.fault,
  send?.fault,
  receive?.fault,
];

type Answer = (message: IncomingMessage, response: ServerResponse) => void;

const answer =
  (status: number, type: string, body: string): Answer =>
  (_message, response) => {
    response.writeHead(status, { 'content-type': type });
    response.end(body);
  };

/** As SNS and SQS word their errors. */
const awsError =
  (status: number, code: string, said: string): Answer =>
  (message, response) => {
    const isSqs = message.headers['content-type']?.includes('json') ?? false;
    const xml = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${said}</Message>
</Error><RequestId>a-request</RequestId></ErrorResponse>`;
    const json = JSON.stringify({ __type: `com.amazonaws.sqs#${code}`, message: said });
    response.writeHead(status, {
      'content-type': isSqs ? 'application/x-amz-json-1.0' : 'text/xml',
      'x-amzn-requestid': 'a-request',
    });
    response.end(isSqs ? json : xml);
  };

async function serve(t: TestContext, answerAll: Answer): Promise<void> {
  const server = createServer(answerAll);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  pointAwsAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

suite('an endpoint that is no AWS', () => {
  const pages: readonly [string, Answer][] = [
    ['a page that is not there', answer(404, 'text/html', '<html><body>nope</body></html>')],
    ['a page', answer(200, 'text/html', '<html><body>hello</body></html>')],
    ['some JSON', answer(200, 'application/json', '{"hello":1}')],
    ['nothing', answer(200, 'text/plain', '')],
    ['a refusal', answer(403, 'text/html', '<html>no</html>')],
    ['another protocol', (message) => message.socket.end('SSH-2.0-OpenSSH_9.9\r\n')],
  ];
  for (const [what, answerAll] of pages) {
    test(`is told apart when it answers with ${what}`, async (t) => {
      await serve(t, answerAll);
      const tried = await tryAll();
      assert.deepEqual(faultsOf(tried), ['not-a-bus', 'not-a-bus', 'not-a-bus']);
      assert.match(
        tried.send?.message ?? '',
        /127\.0\.0\.1:\d+ is not SNS: check AWS_ENDPOINT_URL/,
      );
      assert.match(
        tried.receive?.message ?? '',
        /127\.0\.0\.1:\d+ is not SQS: check AWS_ENDPOINT_URL/,
      );
    });
  }
});

suite('a failure of AWS', () => {
  test('is its own when it says so, or when its front door does', async (t) => {
    await serve(t, awsError(500, 'InternalError', 'oops'));
    assert.deepEqual(faultsOf(await tryAll()), ['failed', 'failed', 'failed']);
    await serve(t, answer(503, 'text/html', '<html>busy</html>'));
    assert.deepEqual(faultsOf(await tryAll()), ['failed', 'failed', 'failed']);
  });

  test('is throttling when it says so', async (t) => {
    await serve(t, awsError(400, 'Throttling', 'Rate exceeded'));
    const tried = await tryAll();
    assert.deepEqual(faultsOf(tried), ['throttled', 'throttled', 'throttled']);
    assert.equal(tried.send?.retryable, true);
  });

  test('is unreachable when nobody listens, or the name has no address', async () => {
    for (const endpoint of ['http://127.0.0.1:1', 'http://nobody.invalid:4566']) {
      pointAwsAt(endpoint);
      const tried = await tryAll();
      assert.deepEqual(faultsOf(tried), ['unreachable', 'unreachable', 'unreachable']);
      assert.match(tried.send?.message ?? '', /cannot be reached: check AWS_ENDPOINT_URL/);
      assert.ok(tried.send?.message.includes(endpoint));
    }
  });
});

suite('credentials', () => {
  test('that AWS does not know are denied, and the line names the permission', async (t) => {
    for (const code of ['InvalidClientTokenId', 'SignatureDoesNotMatch', 'ExpiredToken']) {
      await serve(t, awsError(403, code, 'The security token is invalid'));
      const tried = await tryAll();
      assert.deepEqual(faultsOf(tried), ['denied', 'denied', 'denied'], code);
      assert.match(
        tried.send?.message ?? '',
        /^sns:Publish on arn:\S+ is denied: check the credentials/,
      );
      assert.match(tried.receive?.message ?? '', /^sqs:ReceiveMessage on http\S+ is denied/);
      assert.equal(tried.send?.retryable, false);
    }
  });

  test('that may publish but not look at the topic are no failure of the look', async (t) => {
    await serve(t, awsError(403, 'AuthorizationError', 'not authorized to perform'));
    assert.deepEqual(faultsOf(await tryAll()), [undefined, 'denied', 'denied']);
  });

  test('that nobody gave are named as what is missing', async (t) => {
    await serve(t, awsError(500, 'InternalError', 'not reached'));
    const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = process.env;
    delete process.env['AWS_ACCESS_KEY_ID'];
    delete process.env['AWS_SECRET_ACCESS_KEY'];
    t.after(() => {
      process.env['AWS_ACCESS_KEY_ID'] = id;
      process.env['AWS_SECRET_ACCESS_KEY'] = secret;
    });
    process.env['AWS_CONFIG_FILE'] = '/nonexistent';
    process.env['AWS_SHARED_CREDENTIALS_FILE'] = '/nonexistent';
    const tried = await tryAll();
    assert.deepEqual(faultsOf(tried), ['denied', 'denied', 'denied']);
    assert.match(tried.send?.message ?? '', /Could not load credentials/);
  });
});

suite('a clock that is wrong', () => {
  const HOUR_MS = 3_600_000;
  const SIGNED_AT = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

  /** AWS at an hour from now: it accepts signatures of its own last and next five minutes. */
  const inAnHour =
    (accepted: Answer): Answer =>
    (message, response) => {
      const signed = String(message.headers['x-amz-date']);
      const signedAt = Date.parse(signed.replace(SIGNED_AT, '$1-$2-$3T$4:$5:$6Z'));
      const now = Date.now() + HOUR_MS;
      response.setHeader('date', new Date(now).toUTCString());
      const said = `Signature expired: ${signed} is now earlier than ${new Date(now).toISOString()}`;
      const refused = awsError(403, 'SignatureDoesNotMatch', said);
      (Math.abs(now - signedAt) < 300_000 ? accepted : refused)(message, response);
    };
  const inTime = awsError(500, 'InternalError', 'in time');

  test('is said once, and mended by the next request', async (t) => {
    await serve(t, inAnHour(inTime));
    const sender = openSnsSender(TOPIC);
    const receiver = openSqsReceiver(QUEUE);
    const signal = new AbortController().signal;
    for (const call of [() => sender.send([MESSAGE]), () => receiver.receive(signal)]) {
      await assert.rejects(call(), (error: BusError) => {
        assert.equal(error.fault, 'denied');
        assert.match(error.message, /this machine’s clock is 60 minutes slow: set it/);
        assert.doesNotMatch(error.message, /credentials/);
        return true;
      });
      await assert.rejects(call(), { fault: 'failed' });
    }
    sender.close();
    receiver.close();
  });

  test('stays known when something else makes for a new client', async (t) => {
    const answers = [awsError(404, 'NotFound', 'no such topic'), inTime];
    await serve(
      t,
      inAnHour((message, response) => answers.shift()?.(message, response)),
    );
    const sender = openSnsSender(TOPIC);
    for (const fault of ['denied', 'missing', 'failed'] as const) {
      await assert.rejects(sender.send([MESSAGE]), { fault });
    }
    sender.close();
  });

  test('is one trouble whatever its message says, and credentials are another', async (t) => {
    const troubles: string[] = [];
    for (const said of ['Signature expired: 1', 'Signature expired: 2', 'The signature is wrong']) {
      await serve(t, awsError(403, 'SignatureDoesNotMatch', said));
      const { send } = await tryAll();
      troubles.push(send?.trouble ?? '');
    }
    assert.equal(troubles[0], troubles[1]);
    assert.notEqual(troubles[1], troubles[2]);
  });
});

suite('a batch', () => {
  let emulator: Emulator;
  before(async () => {
    emulator = await startFauxqs();
  });
  after(() => emulator.stop());

  test('of which some entries are refused says which, and the others are there', async (t) => {
    const proxy = new FaultProxy(emulator.endpoint, 20_261_121);
    t.after(() => proxy.stop());
    pointAwsAt(await proxy.start());
    const { topicArn, queueUrl } = await makePlace('partial');
    proxy.faults = { refused: 0.5 };
    const sender = openSnsSender(topicArn);
    const receiver = openSqsReceiver(queueUrl);
    const sent = Array.from({ length: 10 }, (_, i) => ({ type: 'Visit', body: `${i}` }));
    const outcomes = await sender.send(sent);
    const refused = outcomes.filter((outcome) => outcome !== null);
    assert.ok(refused.length > 0 && refused.length < 10);
    assert.equal(refused.length, proxy.counts.refusedEntries);
    assert.ok(refused.every(({ fault, retryable }) => fault === 'failed' && retryable));
    const received: string[] = [];
    while (received.length < 10 - refused.length) {
      const messages = await receiver.receive(new AbortController().signal);
      received.push(...messages.map(({ body }) => body));
    }
    const accepted = sent.filter((_, i) => outcomes[i] === null).map(({ body }) => body);
    assert.deepEqual(received.toSorted(), accepted.toSorted());
    sender.close();
    receiver.close();
  });
});
