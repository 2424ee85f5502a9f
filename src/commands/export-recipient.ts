// `truepixel export-recipient`: all that is held about one recipient, for whoever has asked what that is.

import { pipeline } from 'node:stream/promises';
import { EXIT_USAGE, Failure } from '../config/failure.ts';
import type { Command } from './command.ts';
import { streamFromStore } from './store-client.ts';

const PATH = '/v1/recipients/export';

export const exportRecipientCommand: Command = {
  name: 'export-recipient',
  summary: 'Print all that is held about a recipient, as lines of JSON',
  help: `The pixels that were minted for exactly this text, what was said of them, and every hit with its
verdict. The last line is {"end":true,…}: without it the output is not whole. A server must run on DATA_DIR.`,
  roles: ['api'],
  arguments: 'TEXT',
  async run(config, [recipient, ...others]) {
    if (recipient === undefined || recipient === '' || others.length > 0) {
      throw new Failure('export-recipient: expected one text', EXIT_USAGE);
    }
    const answer = await streamFromStore(config, PATH, { recipient });
    try {
      await pipeline(answer, process.stdout, { end: false });
    } catch (error) {
      // Whoever reads the output may stop (`| head`).
      if ((error as NodeJS.ErrnoException).code === 'EPIPE') return 0;
      throw new Failure('the answer was cut: it is not whole', undefined, { cause: error });
    }
    return 0;
  },
};
