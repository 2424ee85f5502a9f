// How long the questions of the dashboard take over many hits, as the API asks them of the store: the
// overview of all hits and of the last 30 days, day by day; the same split by what hits have in common; and
// one pixel.
//
//   npm run bench:statistics -- --hits 10000000 --questdb --json
//
// Of the embedded store, and with --questdb of QuestDB, which is started for this with a heap of 1 GiB.
// --store FOLDER keeps the embedded store there, and takes one that is there already. `cold` is the first
// question after the store was opened; then it is waited until the hits that came in last are counted
// beforehand, as they are while a server runs. `live` is the overview while hits come in: a load of 100
// before each question.

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Hit, JudgedHit } from '../src/hit/event.ts';
import { REPEAT_SECONDS_DEFAULT, STORE_MEMORY_BYTES_DEFAULT } from '../src/limits.ts';
import { openDuckdb } from '../src/store/duckdb.ts';
import { openQuestdb } from '../src/store/questdb.ts';
import type { Dimension } from '../src/store/selection.ts';
import type { StatisticsRequest } from '../src/store/statistics.ts';
import type { Store } from '../src/store/store.ts';
import { createLog } from '../src/telemetry/log.ts';
import { noQuestdb, QuestdbServer } from '../test/questdb-server.ts';
import { positive, runTool } from '../test/tool.ts';
import { HITS_PER_PIXEL, judgedLoads, LARGE, type Mix, timed, type Times } from './judged-loads.ts';
import { describeMachine, type Machine } from './machine.ts';
import { Traffic } from './traffic.ts';

const USAGE = `usage: npm run bench:statistics -- [OPTION]…

  --hits N         hits that are loaded (10000000)
  --days N         over so many days (90)
  --store FOLDER   where the embedded store is kept, or is already (a temporary folder)
  --questdb        QuestDB too
  --json           print one JSON object only
`;

const LAST_DAYS = 30;
const DAY_MICROS = 86_400_000_000;
const QUESTIONS = 15;
const SPLIT_QUESTIONS = 5;
const LIVE_HITS = 100;
const SETTLE_MS = 60_000;
const PIXELS_PER_CAMPAIGN = 2_500;
const COUNTRIES = ['DE', 'FR', 'US', 'GB', 'IT', 'ES', 'PL', 'NL', 'AT', 'CH', null] as const;
const log = createLog('error', 'bench');

/** Out of a hundred hits, the rest being people with browsers. */
const AGENTS: readonly (readonly [hits: number, agent: string])[] = [
  [25, 'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)'],
  [20, 'Mozilla/5.0'],
  [8, 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.1.0'],
  [4, 'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)'],
  [3, 'curl/8.5.0'],
];

const MIX: Mix = {
  hit: (hit: Hit, number: number): Hit => {
    let place = (number * 37) % 100;
    for (const [hits, agent] of AGENTS) {
      if (place < hits) return { ...hit, agent };
      place -= hits;
    }
    return hit;
  },
  judged: (hit: JudgedHit, number: number): JudgedHit => {
    const { verdict } = hit.judgement;
    if (verdict.os === null) return hit;
    const country = COUNTRIES[number % COUNTRIES.length] ?? null;
    return { ...hit, judgement: { ...hit.judgement, verdict: { ...verdict, country } } };
  },
  campaignOf: (pixel) => `campaign ${Math.floor(pixel / PIXELS_PER_CAMPAIGN)}`,
};

interface Figures {
  readonly looks: number;
  readonly questions: Readonly<Record<string, Times>>;
}

interface Results {
  readonly machine: Machine;
  readonly hits: number;
  readonly days: number;
  readonly duckdb: Figures;
  readonly questdb: Figures | null;
}

interface Asked {
  readonly split?: Dimension;
  readonly where?: StatisticsRequest['selection']['where'];
  readonly kind?: 'open' | 'visit';
}

class Bench {
  readonly #store: Store;
  readonly #from: number;
  readonly #days: number;

  constructor(store: Store, from: number, days: number) {
    this.#store = store;
    this.#from = from - (from % DAY_MICROS);
    this.#days = days + 1;
  }

  async run(): Promise<Figures> {
    const cold = await timed(1, () => this.#ask(this.#days));
    const { opens, repeats } = (await this.#store.statistics(this.#request(this.#days))).totals;
    await this.#settle();
    const days = Math.min(LAST_DAYS, this.#days);
    const splits: Record<string, Times> = {};
    for (const split of ['campaign', 'country', 'client', 'class', 'pixel'] as const) {
      splits[`by ${split}`] = await timed(SPLIT_QUESTIONS, () => this.#ask(days, { split }));
    }
    splits['visits by referrer'] = await timed(SPLIT_QUESTIONS, () =>
      this.#ask(days, { kind: 'visit', split: 'referrer' }),
    );
    return {
      looks: opens + repeats,
      questions: {
        'overview, cold': cold,
        'overview, all hits by day': await timed(QUESTIONS, () => this.#ask(this.#days)),
        [`overview, last ${days} days`]: await timed(QUESTIONS, () => this.#ask(days)),
        'overview of visits': await timed(QUESTIONS, () =>
          this.#ask(this.#days, { kind: 'visit' }),
        ),
        'overview, live': await this.#live(),
        'one large pixel': await timed(QUESTIONS, () =>
          this.#ask(days, { where: { pixel: [LARGE] } }),
        ),
        'one campaign': await timed(SPLIT_QUESTIONS, () =>
          this.#ask(days, { where: { campaign: [MIX.campaignOf(0)] } }),
        ),
        ...splits,
      },
    };
  }

  /** Questions begin what is to be counted beforehand; they are asked until they are fast. */
  async #settle(): Promise<void> {
    const deadline = performance.now() + SETTLE_MS;
    for (let last = Infinity; performance.now() < deadline;) {
      const { median } = await timed(1, () => this.#ask(this.#days));
      if (median < last / 3) return;
      last = Math.min(last, median);
      await sleep(2_000);
    }
  }

  async #live(): Promise<Times> {
    const traffic = new Traffic(1_000);
    // Behind those of an earlier run, which left its own.
    const newest = await hitAtEnd(this.#store, 'newest');
    let number = 0;
    const times: number[] = [];
    for (let i = 0; i < QUESTIONS; i++) {
      const hits = Array.from({ length: LIVE_HITS }, (): JudgedHit => {
        const [load] = judgedLoads(traffic, 1, 1, MIX);
        const [hit] = load?.hits ?? [];
        if (hit === undefined) throw new Error('no hit');
        const id = { writer: '00000000000000ff', segment: newest % 1e9, position: number++ };
        return { ...hit, id, event: { ...hit.event, at: newest + number } };
      });
      await this.#store.load({ hits, notes: [], progress: `live ${i}` });
      times.push((await timed(1, () => this.#ask(this.#days))).worst);
    }
    times.sort((a, b) => a - b);
    return { median: times[QUESTIONS >> 1] ?? NaN, worst: times.at(-1) ?? NaN };
  }

  async #ask(days: number, asked: Asked = {}): Promise<void> {
    const { totals, series } = await this.#store.statistics(this.#request(days, asked));
    if (totals.hits === 0 || series.length !== days) throw new Error('no answer');
  }

  #request(days: number, { split, where = {}, kind = 'open' }: Asked = {}): StatisticsRequest {
    const to = this.#from + this.#days * DAY_MICROS;
    const edges = Array.from({ length: days + 1 }, (_, i) => to - (days - i) * DAY_MICROS);
    return {
      selection: { kind, from: edges[0] ?? to, to, where },
      repeatSeconds: REPEAT_SECONDS_DEFAULT,
      edges,
      split: split ?? null,
      groupsMax: 20,
    };
  }
}

async function load(store: Store, hits: number, days: number): Promise<void> {
  const traffic = new Traffic(Math.ceil(hits / HITS_PER_PIXEL));
  for (const each of judgedLoads(traffic, hits, days, MIX)) await store.load(each);
  const { opens, visits } = await store.totals();
  if (opens + visits !== hits) throw new Error(`${opens + visits} of ${hits} hits were loaded`);
}

/** When the first or the last hit was. */
async function hitAtEnd(store: Store, order: 'oldest' | 'newest'): Promise<number> {
  const selection = { kind: null, from: null, to: null, where: {} };
  const { hits } = await store.hits({ selection, order, place: null, limit: 1 });
  return hits[0]?.event.at ?? 0;
}

async function duckdb(folder: string, hits: number, days: number): Promise<Figures> {
  const path = join(folder, 'store.duckdb');
  const isThere = existsSync(path);
  const options = { path, memoryBytes: STORE_MEMORY_BYTES_DEFAULT };
  if (!isThere) {
    const loading = await openDuckdb(options, log);
    await load(loading, hits, days);
    await loading.close();
  }
  const store = await openDuckdb(options, log);
  try {
    return await new Bench(store, await hitAtEnd(store, 'oldest'), days).run();
  } finally {
    await store.close();
  }
}

async function questdb(folder: string, hits: number, days: number): Promise<Figures> {
  const server = await QuestdbServer.start({ folder: join(folder, 'questdb') });
  const { connString, ilpUrl } = server;
  try {
    const store = await openQuestdb({ connString, ilpUrl, installation: '00000000000000be' }, log);
    try {
      await load(store, hits, days);
      return await new Bench(store, await hitAtEnd(store, 'oldest'), days).run();
    } finally {
      await store.close();
    }
  } finally {
    await server.end();
  }
}

function describe({ machine, hits, days, duckdb: d, questdb: q }: Results): string {
  const { cpu, cores, memoryGiB, fileSystem } = machine;
  const ms = (times: Times | undefined): string =>
    times === undefined ? '' : `${times.median.toFixed(0)} ms (worst ${times.worst.toFixed(0)})`;
  const rows = Object.keys(d.questions).map((name) =>
    [name.padEnd(30), ms(d.questions[name]).padEnd(26), ms(q?.questions[name])].join(''),
  );
  const count = (value: number): string => value.toLocaleString('en');
  return [
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${fileSystem}`,
    `${count(hits)} hits over ${days} days, ${count(d.looks)} looks at pixels`,
    `${''.padEnd(30)}${'DuckDB'.padEnd(26)}${q === null ? '' : 'QuestDB'}`,
    ...rows,
  ].join('\n');
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      hits: { type: 'string', default: '10000000' },
      days: { type: 'string', default: '90' },
      store: { type: 'string' },
      questdb: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  if (values.questdb && noQuestdb !== false) {
    throw new Error(`QuestDB cannot be started: ${noQuestdb}`);
  }
  const [hits, days] = [positive(values.hits, 'hits'), positive(values.days, 'days')];
  const folder = await mkdtemp(join(tmpdir(), 'truepixel-statistics-'));
  try {
    if (values.store !== undefined) await mkdir(values.store, { recursive: true });
    const results: Results = {
      machine: await describeMachine(folder),
      hits,
      days,
      duckdb: await duckdb(values.store ?? folder, hits, days),
      questdb: values.questdb ? await questdb(folder, hits, days) : null,
    };
    process.stdout.write(`${values.json ? JSON.stringify(results) : describe(results)}\n`);
    return 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

await runTool(USAGE, main);
