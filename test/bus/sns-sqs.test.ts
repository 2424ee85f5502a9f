// SNS and SQS against the contract of every bus, on two servers that have nothing in common but the protocol.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openSqsReceiver } from '../../src/bus/sns-sqs-receiver.ts';
import { openSnsSender } from '../../src/bus/sns-sqs-sender.ts';
import {
  busContract,
  type BusRig,
  HIDDEN_S,
  SILENT_MS,
  type SilentPlace,
} from '../contracts/bus.ts';
import {
  type Emulator,
  makePlace,
  motoIsThere,
  pointAwsAt,
  startFauxqs,
  startMoto,
} from './emulator.ts';

function rigOn(start: () => Promise<Emulator>): () => Promise<BusRig> {
  return async () => {
    const emulator = await start();
    pointAwsAt(emulator.endpoint);
    let places = 0;
    return {
      async newPlace() {
        const { topicArn, queueUrl } = await makePlace(`place-${places++}`);
        return {
          sender: openSnsSender(topicArn),
          receiver: openSqsReceiver(queueUrl, HIDDEN_S),
        };
      },
      missingPlace() {
        return {
          sender: openSnsSender('arn:aws:sns:us-east-1:123456789012:nobody-made-it'),
          receiver: openSqsReceiver('nobody-made-it', HIDDEN_S),
        };
      },
      silentPlace: () => silentPlace(emulator.endpoint),
      end: () => emulator.stop(),
    };
  };
}

/** Until it ends, the environment names a server that answers with headers, a few bytes and silence. */
async function silentPlace(endpointAfter: string): Promise<SilentPlace> {
  const server = createServer((_message, response) => {
    response.writeHead(200, { 'content-type': 'text/xml', 'x-amzn-requestid': 'a-request' });
    response.write('<PublishBatchResponse>');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  pointAwsAt(endpoint);
  const patience = { requestMs: SILENT_MS, waitSeconds: SILENT_MS / 1_000 };
  return {
    sender: openSnsSender('arn:aws:sns:us-east-1:123456789012:silent', SILENT_MS),
    receiver: openSqsReceiver(`${endpoint}/123456789012/silent`, HIDDEN_S, patience),
    connections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
      }),
    async end() {
      pointAwsAt(endpointAfter);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

busContract('SNS and SQS on fauxqs', rigOn(startFauxqs), false);
busContract(
  'SNS and SQS on Moto',
  rigOn(startMoto),
  motoIsThere() ? false : 'Moto is not installed (it needs Python; npm test installs it)',
);
