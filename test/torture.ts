// `npm run torture`: kills a loaded server's processes at random moments, many times, and then checks that
// every hit that was acknowledged is in the journal, the store and the visit log exactly once.
//
//   npm run torture -- --kills 200 --seed 7 --json

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { endAll } from './server.ts';
import { mountSmallDisk, unmountSmallDisk } from './small-disk.ts';
import { positive, runTool } from './tool.ts';
import type { Finding } from './torture/ledger.ts';
import { isAcceptable, torture, type TortureReport } from './torture/run.ts';

const USAGE = `usage: npm run torture -- [OPTION]…

  --kills N       kill -9 that often (200)
  --seed N        whose blows to repeat (random)
  --collectors N  collector processes (2)
  --rate N        requests a second (2000)
  --small-disk    on a tmpfs of its own, which is full now and then (root only)
  --json          print one JSON object only
  --keep          leave the data behind, and say where
`;

const SMALL_DISK_MIB = 512;
/** A blow may have to wait for the server's back-off, which grows to ten seconds. */
const SECONDS_PER_KILL_MAX = 20;

function table(report: TortureReport): string {
  const { client, reckoning, blows } = report;
  const places: [string, Finding][] = [
    ['journal', reckoning.journal],
    ['store', reckoning.store],
    ['visit log', reckoning.visitLog],
  ];
  const found = places.map(([place, { found, lost, doubled, strange }]) => {
    const counts = [found, lost, doubled, strange].map((count) => String(count).padStart(10));
    return `  ${place.padEnd(10)}${counts.join('')}`;
  });
  const faults = [
    ...report.surprises,
    ...reckoning.damage,
    ...places.flatMap(([place, { examples }]) => examples.map((text) => `${place}: ${text}`)),
  ];
  return `${report.kills} kills in ${report.seconds} s, seed ${report.seed}: ${JSON.stringify(blows)}
  the supervisor gave up by itself ${report.gaveUp} times

  sent ${client.sent}, acknowledged ${client.acknowledged}, refused (503) ${client.refused},
  broken connections took ${client.broken} with them
  pixels minted ${client.minted}, lost ${reckoning.pixelsLost}; looked at and read back ${client.reports}

  ${' '.repeat(10)}${['found', 'lost', 'doubled', 'strange'].map((name) => name.padStart(10)).join('')}
${found.join('\n')}
${faults.map((fault) => `\n  ${fault}`).join('')}
${isAcceptable(report) ? 'Nothing is lost and nothing is doubled.' : 'THE PROMISE IS BROKEN.'}
`;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '200' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      collectors: { type: 'string', default: '2' },
      rate: { type: 'string', default: '2000' },
      'small-disk': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const kills = positive(values.kills, 'kills');
  const folder = await mkdtemp(join(tmpdir(), 'truepixel-torture-'));
  const dataDir = join(folder, 'data');
  const refused = values['small-disk'] ? mountSmallDisk(dataDir, SMALL_DISK_MIB) : null;
  if (refused !== null) throw new Error(refused);
  try {
    const { report } = await torture({
      folder,
      kills,
      seed: positive(values.seed, 'seed'),
      collectors: positive(values.collectors, 'collectors'),
      rate: positive(values.rate, 'rate'),
      smallDisk: values['small-disk'],
      secondsMax: kills * SECONDS_PER_KILL_MAX,
      onBlow: (text) => void (values.json || process.stderr.write(`${text}\n`)),
    });
    process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : table(report));
    return isAcceptable(report) && report.kills >= kills ? 0 : 1;
  } finally {
    await endAll(dataDir);
    if (values['small-disk']) unmountSmallDisk(dataDir);
    if (values.keep) process.stderr.write(`The data is in ${folder}\n`);
    else await rm(folder, { recursive: true, force: true });
  }
}

await runTool(USAGE, main);
