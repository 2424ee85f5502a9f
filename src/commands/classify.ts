// `truepixel classify`: the verdict on each line of standard input, for support, pull requests and tests.

import { once } from 'node:events';
import type { Config } from '../config/config.ts';
import { EXIT_FAILED, EXIT_USAGE, Failure } from '../config/failure.ts';
import { CLASSIFY_LINE_BYTES_MAX } from '../limits.ts';
import { Judge } from '../verdict/judge.ts';
import { overlay } from '../verdict/overlay.ts';
import { RecentCodes } from '../verdict/recent-codes.ts';
import { ReferenceFiles } from '../verdict/references.ts';
import type { Verdict } from '../hit/verdict.ts';
import { type ClassifyRequest, parseClassifyRequest } from './classify-request.ts';
import type { Command } from './command.ts';
import { readLines } from './lines.ts';

export const classifyCommand: Command = {
  name: 'classify',
  summary: 'Say for each line of standard input who fetched the image, and why that is believed',
  help: `A line is a User-Agent, or a JSON object {"ua", "ip", "headers"} with any of these keys; an empty
line is an empty agent. "at", "sent_at" (times in ISO 8601) and "code" show what a hit's circumstances change.
Prints one JSON object a line, in the order of the input:
{"class","reason","client","os","device","country"}, or {"error"} for a line that begins with { and is not
such an object; then it exits with 1 at the end.

Apple's list of its relays' networks is not shipped. Fetch it from
https://mask-api.icloud.com/egress-ip-ranges.csv and name the file in APPLE_EGRESS_FILE.`,
  roles: ['judge'],
  async run(config) {
    const files = new ReferenceFiles(config);
    const complaints = await files.refresh();
    if (complaints.length > 0) throw new Failure(complaints.join('; '), EXIT_USAGE);
    const classifier = new Classifier(config, new Judge(files.loaded));
    return await Promise.race([classifyInput(classifier), readerGone()]);
  },
};

async function classifyInput(classifier: Classifier): Promise<number> {
  for await (const lines of readLines(process.stdin, CLASSIFY_LINE_BYTES_MAX)) {
    const verdicts = lines.map((line) => `${JSON.stringify(classifier.classify(line))}\n`);
    if (!process.stdout.write(verdicts.join(''))) await once(process.stdout, 'drain');
  }
  return classifier.failures > 0 ? EXIT_FAILED : 0;
}

/** Whoever reads the output may stop (`| head`): that is no error, and the end. */
function readerGone(): Promise<number> {
  const gone = Promise.withResolvers<number>();
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') gone.resolve(0);
    else gone.reject(error);
  });
  return gone.promise;
}

class Classifier {
  failures = 0;
  readonly #judge: Judge;
  readonly #config: Config;
  readonly #recent: RecentCodes;

  constructor(config: Config, judge: Judge) {
    this.#config = config;
    this.#judge = judge;
    this.#recent = new RecentCodes(config.scanCodesSeconds);
  }

  classify(line: string | null): Verdict | { readonly error: string } {
    if (line === null) return this.#failed(`longer than ${CLASSIFY_LINE_BYTES_MAX} bytes`);
    if (!line.startsWith('{'))
      return this.#judge.judge({ agent: line, address: '', purpose: null });
    const request = parseClassifyRequest(line);
    return typeof request === 'string' ? this.#failed(request) : this.#judgeRequest(request);
  }

  #failed(error: string): { readonly error: string } {
    this.failures++;
    return { error };
  }

  #judgeRequest({ evidence, at, sentAt, code }: ClassifyRequest): Verdict {
    const verdict = this.#judge.judge(evidence);
    const { scanNetworkSeconds: networkSeconds, scanSentSeconds: sentSeconds } = this.#config;
    const isTimed = at !== null && sentAt !== null && code !== null;
    const circumstances = {
      secondsSinceSent: at === null || sentAt === null ? null : (at - sentAt) / 1_000,
      fromMailSecurity: this.#judge.scannerNetwork(evidence.address)?.kind === 'mail-security',
      codesFromAddress: isTimed ? this.#recent.note(evidence.address, code, at * 1_000) : 1,
    };
    return overlay(verdict, circumstances, { networkSeconds, sentSeconds });
  }
}
