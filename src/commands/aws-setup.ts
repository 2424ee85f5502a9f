// `truepixel aws-setup`: makes the topic and the queues that collect and store talk through, or says what it
// would make. What exists already is brought to the same settings, so it may be run any number of times.

import { EXIT_USAGE, Failure } from '../config/failure.ts';
import { BusError } from '../bus/bus.ts';
import type { Command } from './command.ts';

const NAME_DEFAULT = 'truepixel';
const NAME = /^[A-Za-z0-9_-]{1,70}$/;
const DRY_RUN = '--dry-run';

export const awsSetupCommand: Command = {
  name: 'aws-setup',
  summary: 'Make the SNS topic and SQS queues that join collect and store on several machines',
  help: `It makes a topic NAME, a queue NAME, a dead-letter queue NAME-dead-letters for messages that cannot
be read after three attempts, and a subscription with raw delivery and a filter. NAME is
${NAME_DEFAULT} unless given. It prints their ARNs and the two lines that configure collect and store.
It may be run again at any time. ${DRY_RUN} makes nothing: it prints what would be made, and the
smallest IAM policies of both sides. Credentials, region and AWS_ENDPOINT_URL are read as by every AWS
tool.`,
  roles: [],
  arguments: `[NAME] [${DRY_RUN}]`,
  async run(_config, args) {
    const isDry = args.includes(DRY_RUN);
    const [name = NAME_DEFAULT, ...rest] = args.filter((word) => word !== DRY_RUN);
    if (rest.length > 0 || !NAME.test(name)) {
      throw new Failure(`aws-setup: expected [NAME] [${DRY_RUN}]`, EXIT_USAGE);
    }
    const { describeSetup, setUp } = await import('../bus/sns-sqs-setup.ts');
    try {
      process.stdout.write(isDry ? await describeSetup(name) : await setUp(name));
      return 0;
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      throw new Failure(`aws-setup: ${error.message}`, undefined, { cause: error });
    }
  },
};
