// Many clients at once on a real collector, each with requests of every kind on one connection, cut and
// delayed at will. What must come of every request is known beforehand, and nothing else may come of any:
// each answered once, in order, to the client that asked; kept as a hit, or passed to the store, once or
// not at all.

import type { Hit } from '../../src/hit/event.ts';
import { Chance } from '../torture/random.ts';
import { type Ask, makeAsk, makeLastAsk } from './asks.ts';
import { type CollectorRig, type Fault, startRig } from './collector-rig.ts';
import { type Conduct, converse, drawConduct, type Heard, nextAddress } from './conversation.ts';
import { readReplies } from './replies.ts';
import { literal } from './shrinking.ts';
import type { Passed } from './telling-store.ts';

/** How far one goes that needs a collector; it ends with whichever comes first. */
export interface StreamCampaign {
  readonly seed: number;
  readonly streams: number;
  readonly seconds?: number;
  /** What the collector's surroundings do wrong, to see whether the campaign finds out. */
  readonly fault?: Fault;
}

export interface StreamReport {
  readonly seed: number;
  readonly streams: number;
  readonly requests: number;
  /** Connections that a client reset with requests under way. */
  readonly resets: number;
  readonly seconds: number;
  /** The first stream of which something else came than should, and what. */
  readonly failure: string | null;
}

const CLIENTS = 64;
const ASKS_MAX = 10;
const QUIET_MS_MAX = 10_000;

export async function fuzzStreams(campaign: StreamCampaign): Promise<StreamReport> {
  const { seed, streams, seconds = Infinity, fault = null } = campaign;
  const chance = new Chance(seed);
  const rig = await startRig(fault);
  const began = performance.now();
  const counts = { streams: 0, requests: 0, resets: 0 };
  let failure: string | null = null;
  const elapsed = (): number => (performance.now() - began) / 1_000;
  while (failure === null && counts.streams < streams && elapsed() < seconds) {
    const clients = Array.from({ length: CLIENTS }, () => drawClient(chance));
    const heard = await Promise.all(clients.map((client) => talk(rig, client)));
    failure = await quiet(rig);
    for (const [i, client] of clients.entries()) {
      counts.streams++;
      counts.requests += client.asks.length;
      if (client.conduct.end === 'reset') counts.resets++;
      failure ??= judge(client, heard[i] as Heard, rig);
    }
    rig.kept.clear();
    rig.store.passed.clear();
  }
  await rig.close();
  return { seed, ...counts, seconds: elapsed(), failure };
}

export interface Talker {
  readonly address: string;
  readonly asks: readonly Ask[];
  readonly conduct: Conduct;
}

function drawClient(chance: Chance): Talker {
  const address = nextAddress();
  const name = `c${address.replaceAll('.', '-')}`;
  const asks = Array.from({ length: chance.between(1, ASKS_MAX) }, (_, i) =>
    makeAsk(chance, `${name}-${i}`),
  );
  if (chance.next() < 0.25) asks.push(makeLastAsk(chance, `${name}-last`));
  const isEnded = asks.at(-1)?.replies.at(-1)?.keepAlive === false;
  // Nobody looks at what comes behind the end; by itself, it might meet a connection that is gone.
  const behind = isEnded && chance.next() < 0.5 ? makeAsk(chance, `${name}-behind`).bytes : '';
  const bytes = Buffer.from(asks.map((ask) => ask.bytes).join('') + behind, 'latin1');
  const draw = chance.next();
  const end = draw < 0.1 ? 'reset' : draw < 0.4 ? 'early' : 'late';
  return { address, asks, conduct: drawConduct(chance, bytes, end, bytes.length - behind.length) };
}

export function talk({ port }: CollectorRig, { address, asks, conduct }: Talker): Promise<Heard> {
  const expected = asks.reduce((sum, { replies }) => sum + replies.length, 0);
  const isWhole = (received: Buffer): boolean =>
    readReplies(received, (i) => asks[i]?.bodyless === true).replies.length >= expected;
  return converse(port, address, conduct, isWhole);
}

/**
 * Waits until every connection is closed and every hit settled. Null when that comes, and when nothing was
 * passed to the store that could be read in two ways.
 */
export async function quiet(rig: CollectorRig): Promise<string | null> {
  for (const deadline = performance.now() + QUIET_MS_MAX; !rig.isQuiet();) {
    if (performance.now() > deadline) {
      return `${rig.collector.counters.connectionsOpen} connections stay open`;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 2);
    });
  }
  return rig.store.fault;
}

/** Null when of the client's requests came exactly what should. */
export function judge(
  client: Talker,
  { received, failure }: Heard,
  rig: CollectorRig,
): string | null {
  const { asks, address, conduct } = client;
  const said = readReplies(received, (i) => asks[i]?.bodyless === true);
  const expected = {
    replies: asks.flatMap(({ replies }) => replies),
    hits: asks.flatMap(({ hit }) => hit ?? []),
    passed: asks.flatMap(({ passes }) => passes ?? []),
  };
  const found = {
    replies: said.replies,
    hits: (rig.kept.get(address) ?? []).map(({ kind, code, referrer }: Hit) => ({
      kind,
      code,
      referrer,
    })),
    passed: rig.store.passed.get(address) ?? [],
  };
  const complaint =
    conduct.end === 'reset'
      ? (notBeginning(found, expected) ?? unkept(asks, found))
      : JSON.stringify(found) !== JSON.stringify(expected) || said.rest !== ''
        ? 'something else came of it'
        : null;
  if (complaint === null && failure === null) return null;
  const sent = conduct.pieces.map((piece) => literal(piece)).join('\n  ');
  return `${failure ?? complaint}: a client that ends ${conduct.end} sent
  ${sent}
expected ${JSON.stringify(expected, null, 1)}
found ${JSON.stringify(found, null, 1)}
and ${literal(Buffer.from(said.rest, 'latin1'))} behind it`;
}

interface Outcome {
  readonly replies: readonly unknown[];
  readonly hits: readonly unknown[];
  readonly passed: readonly Passed[];
}

/** Of a client that reset the connection, the rest may be missing; what is there is what should be. */
function notBeginning(found: Outcome, expected: Outcome): string | null {
  for (const what of ['replies', 'hits', 'passed'] as const) {
    const beginning = expected[what].slice(0, found[what].length);
    if (JSON.stringify(found[what]) !== JSON.stringify(beginning)) return `the ${what} are others`;
  }
  return null;
}

/** A reply that came through before a reset was no lie. */
function unkept(asks: readonly Ask[], found: Outcome): string | null {
  let replies = 0;
  let hits = 0;
  for (const ask of asks) {
    replies += ask.replies.length;
    if (ask.hit !== null) hits++;
    if (replies <= found.replies.length && hits > found.hits.length) return 'a hit is not kept';
  }
  return null;
}
