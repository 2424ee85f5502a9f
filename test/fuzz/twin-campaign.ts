// Nobody may notice that there is a fast lane. Twins send the same bytes, mostly damaged, cut at the same
// places: one on a new connection, the other on one that Node's lane has for good already. Both must hear
// the same, to the byte, and the same must come of it in the journal and at the store.

import { type Hit } from '../../src/hit/event.ts';
import { Chance } from '../torture/random.ts';
import { makeAsk } from './asks.ts';
import { type CollectorRig, startRig } from './collector-rig.ts';
import { type Conduct, converse, drawConduct, nextAddress } from './conversation.ts';
import { damage } from './damage.ts';
import { makeHead } from './heads.ts';
import { undated } from './node-reading.ts';
import { literal } from './shrinking.ts';
import { quiet, type StreamCampaign } from './stream-campaign.ts';

export interface TwinReport {
  readonly seed: number;
  readonly pairs: number;
  /** Requests that the fast lane answered; without them nothing was compared. */
  readonly fast: number;
  /** Pairs that had to be heard again, as Node itself does not always say the same. */
  readonly repeated: number;
  readonly seconds: number;
  readonly failure: string | null;
}

const PAIRS_AT_ONCE = 64;
/** What Node answers to a body that goes wrong may depend on the moment; so often both are heard. */
const HEARINGS = 5;
/** A request that Node's lane gets, and with it the connection. */
const PRELUDE = 'GET /health HTTP/1.1\r\nHost: pixels.example\r\n\r\n';

export async function fuzzTwins(campaign: StreamCampaign): Promise<TwinReport> {
  const { seed, streams, seconds = Infinity } = campaign;
  const chance = new Chance(seed);
  const rig = await startRig();
  const began = performance.now();
  const elapsed = (): number => (performance.now() - began) / 1_000;
  let pairs = 0;
  let repeated = 0;
  let failure: string | null = null;
  while (failure === null && pairs < streams && elapsed() < seconds) {
    const conducts = Array.from({ length: PAIRS_AT_ONCE }, () => drawDamaged(chance));
    const heard = await hear(rig, conducts);
    pairs += conducts.length;
    for (const [i, conduct] of conducts.entries()) {
      const [fast, node] = heard[i] ?? ['', ''];
      if (fast === node) continue;
      repeated++;
      failure ??= await hearAgain(rig, conduct, fast, node);
    }
  }
  const { fast } = rig.collector.counters.requests;
  await rig.close();
  return { seed, pairs, fast, repeated, seconds: elapsed(), failure };
}

/** What each twin of each pair heard and left behind, as texts. */
async function hear(
  rig: CollectorRig,
  conducts: readonly Conduct[],
): Promise<[fast: string, node: string][]> {
  const outcomes = await Promise.all(
    conducts.flatMap((conduct) => [
      hearOne(rig, conduct),
      hearOne(rig, { ...conduct, prelude: PRELUDE }),
    ]),
  );
  const noise = await quiet(rig);
  const texts = outcomes.map(({ address, heard }) => {
    const hits = rig.kept.get(address)?.map(factsOf) ?? [];
    const passed = rig.store.passed.get(address) ?? [];
    return JSON.stringify({ heard, noise, hits, passed }, null, 1);
  });
  rig.kept.clear();
  rig.store.passed.clear();
  return conducts.map((_, i) => [texts[2 * i] ?? '', texts[2 * i + 1] ?? '']);
}

async function hearOne(
  { port }: CollectorRig,
  conduct: Conduct,
): Promise<{ address: string; heard: string }> {
  const address = nextAddress();
  const { received, failure } = await converse(port, address, conduct, () => true);
  return { address, heard: failure ?? undated(received.toString('latin1')) };
}

function factsOf({ kind, code, referrer, agent, purpose }: Hit): unknown {
  return { kind, code, referrer, agent, purpose };
}

/** Null when twins that do so hear the same. */
export async function twinsDisagree(rig: CollectorRig, conduct: Conduct): Promise<string | null> {
  const [[fast, node] = ['', '']] = await hear(rig, [conduct]);
  return fast === node ? null : hearAgain(rig, conduct, fast, node);
}

/** Null when one of the twins may hear what the other did. */
async function hearAgain(
  rig: CollectorRig,
  conduct: Conduct,
  fast: string,
  node: string,
): Promise<string | null> {
  const byFast = new Set([fast]);
  const byNode = new Set([node]);
  for (let i = 0; i < HEARINGS; i++) {
    const [[fastNow, nodeNow] = ['', '']] = await hear(rig, [conduct]);
    byFast.add(fastNow);
    byNode.add(nodeNow);
  }
  if ([...byFast].some((text) => byNode.has(text))) return null;
  const sent = conduct.pieces.map((piece) => literal(piece)).join('\n  ');
  return `twins disagree on\n  ${sent}\nwith the fast lane: ${fast}\nby Node alone: ${node}`;
}

function drawDamaged(chance: Chance): Conduct {
  let other = makeHead(chance);
  let text = '';
  for (let left = chance.between(1, 5); left > 0; left--) {
    const draw = chance.next();
    const request =
      draw < 0.5 ? makeHead(chance) : makeAsk(chance, `twin-${chance.between(1, 1e6)}`).bytes;
    text += damage(chance, request, other, Math.max(0, chance.between(-3, 2)));
    other = request;
  }
  // Whoever hears all must have ended: a request that is not whole would be waited for.
  return { ...drawConduct(chance, Buffer.from(text, 'latin1'), 'early'), deafMs: 0 };
}
