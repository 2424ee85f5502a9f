// `npm run fuzz`: request heads by the million, against Node's parser, until a number of them or the first
// disagreement, which is printed as small as it gets.
//
//   npm run fuzz -- --requests 5000000 --seed 7

import { parseArgs } from 'node:util';
import { explain, fuzzHeads, type HeadReport } from './fuzz/head-campaign.ts';
import { positive, runTool } from './tool.ts';

const USAGE = `usage: npm run fuzz -- [OPTION]…

  --requests N    request heads to compare (1000000)
  --seed N        which ones (random)
  --json          print one JSON object only
`;

function line({ requests, accepted, handedOver, disagreement, seconds, seed }: HeadReport): string {
  const disagreements = disagreement === null ? 0 : 1;
  return (
    `${requests} requests, ${accepted} accepted, ${handedOver} handed over, ` +
    `${disagreements} disagreements, ${Math.round(requests / seconds)} a second, seed ${seed}`
  );
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      requests: { type: 'string', default: '1000000' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const report = await fuzzHeads({
    seed: positive(values.seed, 'seed'),
    requests: positive(values.requests, 'requests'),
    onProgress: (progress) => void (values.json || process.stderr.write(`${line(progress)}\n`)),
  });
  const found = report.disagreement;
  const explained = found === null ? null : await explain(found);
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ ...report, disagreement: explained })}\n`
      : `${line(report)}\n${explained === null ? '' : `\n${explained}\n`}`,
  );
  return found === null ? 0 : 1;
}

await runTool(USAGE, main);
