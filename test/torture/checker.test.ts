// The proof that a torture's checker is not blind: results that were damaged on purpose must be found out.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { Fate, isClean, Tally, type Finding } from './ledger.ts';
import { isVisit, markedRequest, markerOf, type FoundHit } from './marker.ts';
import { tallyVisitLogs } from './reckoning.ts';
import { markerOfLine } from './visit-log.ts';

const CODE = 'AbCdEfGhIjKlMnOp';
const FATES = Uint8Array.of(
  Fate.acknowledged,
  Fate.acknowledged,
  Fate.refused,
  Fate.sent,
  Fate.unsent,
);

/** What the store holds of a marker when all went well. */
function hitOf(marker: number): FoundHit {
  const { referrer, agent, address } = markedRequest(marker, CODE);
  const kind = isVisit(marker) ? 'visit' : 'open';
  return { kind, code: kind === 'open' ? CODE : null, referrer, agent, address };
}

function lineOf(marker: number): string {
  const { referrer, agent, address } = hitOf(marker);
  return `2026-11-21T22:22:43.7936200+00:00|${referrer}|${agent}|${address}`;
}

function findingOf(hits: readonly FoundHit[]): Omit<Finding, 'examples'> {
  const tally = new Tally(FATES, () => true);
  for (const hit of hits) tally.see(markerOf(hit), JSON.stringify(hit));
  const { found, lost, doubled, strange } = tally.finding();
  return { found, lost, doubled, strange };
}

suite('the checker of a torture', () => {
  test('has nothing to say against each acknowledged hit once, and any other sent one at most once', () => {
    const clean = { lost: 0, doubled: 0, strange: 0 };
    assert.deepEqual(findingOf([hitOf(0), hitOf(1)]), { found: 2, ...clean });
    assert.deepEqual(findingOf([hitOf(3), hitOf(1), hitOf(2), hitOf(0)]), { found: 4, ...clean });
  });

  test('misses a hit that was dropped', () => {
    assert.deepEqual(findingOf([hitOf(0)]), { found: 1, lost: 1, doubled: 0, strange: 0 });
  });

  test('notices a hit that stands there twice, even one that was never acknowledged', () => {
    const twice = { lost: 0, doubled: 1, strange: 0 };
    assert.deepEqual(findingOf([hitOf(0), hitOf(1), hitOf(1)]), { found: 3, ...twice });
    assert.deepEqual(findingOf([hitOf(0), hitOf(1), hitOf(3), hitOf(3)]), { found: 4, ...twice });
  });

  test('takes no hit for whole whose fields come from two requests', () => {
    const mixtures: Partial<FoundHit>[] = [
      { referrer: hitOf(3).referrer },
      { address: hitOf(3).address },
      { agent: hitOf(3).agent },
      { kind: 'visit' },
      { code: null },
      { code: 'PoNmLkJiHgFeDcBa' },
    ];
    for (const mixture of mixtures) {
      const mixed = { ...hitOf(1), ...mixture };
      assert.deepEqual(findingOf([hitOf(0), mixed]), { found: 2, lost: 1, doubled: 0, strange: 1 });
    }
  });

  test('takes no hit for its own that was never sent', () => {
    const strange = { found: 3, lost: 0, doubled: 0, strange: 1 };
    assert.deepEqual(findingOf([hitOf(0), hitOf(1), hitOf(4)]), strange);
    assert.deepEqual(findingOf([hitOf(0), hitOf(1), hitOf(4_000)]), strange);
  });

  test('reads whole lines of the visit log, and only those', () => {
    assert.equal(markerOfLine(lineOf(2)), 2);
    const torn = [
      lineOf(2).slice(0, -1),
      lineOf(2).slice(1),
      `${lineOf(2)}|x`,
      '',
      lineOf(2) + lineOf(4),
    ];
    for (const line of torn) assert.equal(markerOfLine(line), null, line);
  });

  test('adds up a visit log and the ones that it was renamed to', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'truepixel-checker-'));
    context.after(() => rm(folder, { recursive: true, force: true }));
    const files = [join(folder, 'visits.log.1'), join(folder, 'visits.log')];
    const write = async (...texts: string[]): Promise<Finding> => {
      await Promise.all(files.map((file, index) => writeFile(file, texts[index] ?? '')));
      return tallyVisitLogs(files, FATES);
    };
    assert.ok(isClean(await write(`${lineOf(0)}\n`, `${lineOf(2)}\n`)));
    assert.equal((await write(`${lineOf(0)}\n`, `${lineOf(0)}\n`)).doubled, 1);
    assert.equal((await write('', `${lineOf(2)}\n`)).lost, 1);
    assert.equal((await write(`${lineOf(0)}\n`, lineOf(2).slice(0, 40))).strange, 1);
  });
});
