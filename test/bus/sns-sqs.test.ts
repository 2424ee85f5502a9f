// SNS and SQS against the contract of every bus, on two servers that have nothing in common but the protocol.

import { openSqsReceiver } from '../../src/bus/sns-sqs-receiver.ts';
import { openSnsSender } from '../../src/bus/sns-sqs-sender.ts';
import { busContract, type BusRig, HIDDEN_S } from '../contracts/bus.ts';
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
      end: () => emulator.stop(),
    };
  };
}

busContract('SNS and SQS on fauxqs', rigOn(startFauxqs), false);
busContract(
  'SNS and SQS on Moto',
  rigOn(startMoto),
  motoIsThere() ? false : 'Moto is not installed (it needs Python; npm test installs it)',
);
