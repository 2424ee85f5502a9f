// `npm run fuzz`: request heads by the million against Node's parser, then whole connections with a real
// collector, until their number or the first disagreement, which is printed as small as it gets.
//
//   npm run fuzz -- --requests 5000000 --streams 10000 --seed 7

import { parseArgs } from 'node:util';
import { explain, fuzzHeads, type HeadReport } from './fuzz/head-campaign.ts';
import { fuzzStreams, type StreamReport } from './fuzz/stream-campaign.ts';
import { fuzzTwins, type TwinReport } from './fuzz/twin-campaign.ts';
import { positive, runTool } from './tool.ts';

const USAGE = `usage: npm run fuzz -- [OPTION]…

  --requests N    request heads to compare (1000000)
  --streams N     connections of several requests each, and as many pairs of twins (5000)
  --seed N        which ones (random)
  --json          print one JSON object only
`;

function headLine(report: HeadReport): string {
  const { requests, accepted, handedOver, disagreement, seconds, seed } = report;
  const disagreements = disagreement === null ? 0 : 1;
  return (
    `${requests} requests, ${accepted} accepted, ${handedOver} handed over, ` +
    `${disagreements} disagreements, ${Math.round(requests / seconds)} a second, seed ${seed}`
  );
}

function streamLine({ streams, requests, resets, failure, seconds, seed }: StreamReport): string {
  const failures = failure === null ? 0 : 1;
  return (
    `${streams} streams of ${requests} requests, ${resets} reset, ${failures} failures, ` +
    `${Math.round(requests / seconds)} requests a second, seed ${seed}`
  );
}

function twinLine({ pairs, fast, repeated, failure, seconds, seed }: TwinReport): string {
  const disagreements = failure === null ? 0 : 1;
  return (
    `${pairs} pairs, ${fast} requests by the fast lane, ${repeated} heard again, ` +
    `${disagreements} disagreements, ${Math.round(pairs / seconds)} a second, seed ${seed}`
  );
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      requests: { type: 'string', default: '1000000' },
      streams: { type: 'string', default: '5000' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const seed = positive(values.seed, 'seed');
  const requests = positive(values.requests, 'requests');
  const streams = positive(values.streams, 'streams');
  const say = (line: string): void => void (values.json || process.stdout.write(`${line}\n`));
  const onProgress = (progress: HeadReport): void =>
    void (values.json || process.stderr.write(`${headLine(progress)}\n`));

  const heads = await fuzzHeads({ seed, requests, onProgress });
  say(headLine(heads));
  const found = heads.disagreement === null ? null : await explain(heads.disagreement);
  if (found !== null) say(found);
  const connections = await fuzzStreams({ seed, streams });
  say(streamLine(connections));
  if (connections.failure !== null) say(connections.failure);
  const twins = await fuzzTwins({ seed, streams });
  say(twinLine(twins));
  if (twins.failure !== null) say(twins.failure);
  const reports = { heads: { ...heads, disagreement: found }, streams: connections, twins };
  if (values.json) process.stdout.write(`${JSON.stringify(reports)}\n`);
  return found === null && connections.failure === null && twins.failure === null ? 0 : 1;
}

await runTool(USAGE, main);
