// The list of all hits: newest first, filtered, page by page.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiRig, AUTHORIZED, type Rig } from '../../test/api-rig.ts';
import { loadOf, someHit, somePixel } from '../../test/contracts/store-events.ts';

interface Page {
  readonly hits: readonly { readonly id: string; readonly kind: string; readonly uri: unknown }[];
  readonly cursor: string | null;
}

async function ask({ app }: Rig, query: string): Promise<Page> {
  const reply = await app.inject({ url: `/v1/hits${query}`, headers: AUTHORIZED });
  assert.equal(reply.statusCode, 200, reply.body);
  return reply.json<Page>();
}

const numbersOf = ({ hits }: Page): number[] =>
  hits.map(({ id }) => (Number(id.split('-')[2]) - 16) / 100);

async function rigWithHits(): Promise<Rig> {
  const rig = apiRig();
  const hits = [0, 1, 2, 3, 4, 5, 6].map((number) =>
    number % 3 === 0
      ? someHit(number, { kind: 'visit', code: null, referrer: 'https://a.example/x?y' })
      : someHit(number, { code: `code${number % 2}` }),
  );
  const notes = [somePixel(1, { code: 'code1', properties: { campaign: 'spring' } })];
  await rig.store.load(loadOf({ hits, notes }));
  return rig;
}

test('hits of all pixels and visits are listed newest first', async () => {
  const rig = await rigWithHits();
  const page = await ask(rig, '');
  assert.deepEqual(numbersOf(page), [6, 5, 4, 3, 2, 1, 0]);
  assert.deepEqual(
    page.hits.map(({ kind, uri }) => [kind, uri]),
    [
      ['visit', null],
      ['open', 'code1'],
      ['open', 'code0'],
      ['visit', null],
      ['open', 'code0'],
      ['open', 'code1'],
      ['visit', null],
    ],
  );
  assert.equal(page.cursor, null);
});

test('every condition holds', async () => {
  const rig = await rigWithHits();
  for (const [query, expected] of [
    ['?kind=visit', [6, 3, 0]],
    ['?campaign=spring', [5, 1]],
    ['?campaign=', [6, 4, 3, 2, 0]],
    ['?pixel=code0&pixel=code1&kind=open', [5, 4, 2, 1]],
    ['?referrer=a.example', [6, 3, 0]],
    ['?page=https://a.example/x', [6, 3, 0]],
    ['?class=crawler', []],
    ['?country=DE&device=desktop&client=Chrome&os=Windows&limit=2', [6, 5]],
    ['?from=2026-06-01T00:00:00.000003Z&to=2026-06-01T00:00:00.000006Z', [4, 3, 2]],
    ['?from=2026-06-01T02:00:00.000004&time_zone=Europe/Berlin', [6, 5, 4, 3]],
    ['?to=2026-06-01', []],
  ] as const) {
    assert.deepEqual(numbersOf(await ask(rig, query)), expected, query);
  }
});

test('cursors give every hit once, also while new ones come', async () => {
  const rig = await rigWithHits();
  const seen: number[] = [];
  let cursor: string | null = null;
  let next = 100;
  do {
    const page: Page = await ask(rig, `?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`);
    seen.push(...numbersOf(page));
    ({ cursor } = page);
    await rig.store.load(loadOf({ hits: [someHit(next++)] }));
  } while (cursor !== null);
  assert.deepEqual(seen, [6, 5, 4, 3, 2, 1, 0]);
});

test('a cursor is one of the conditions that it was given for', async () => {
  const rig = await rigWithHits();
  const { cursor } = await ask(rig, '?limit=2&kind=open');
  assert.ok(cursor !== null);
  assert.deepEqual(numbersOf(await ask(rig, `?limit=1&kind=open&cursor=${cursor}`)), [2]);
  const turned = cursor.slice(0, -1) + (cursor.endsWith('A') ? 'B' : 'A');
  for (const query of [
    `?limit=2&cursor=${cursor}`,
    `?kind=visit&cursor=${cursor}`,
    `?kind=open&pixel=code1&cursor=${cursor}`,
    `?kind=open&from=2026-01-01&cursor=${cursor}`,
    `?kind=open&cursor=${turned}`,
    `?kind=open&cursor=${cursor.slice(1)}`,
    '?cursor=',
  ]) {
    const reply = await rig.app.inject({ url: `/v1/hits${query}`, headers: AUTHORIZED });
    assert.equal(reply.statusCode, 400, query);
    const { errors } = reply.json<{ errors: { parameter: string }[] }>();
    assert.deepEqual(
      errors.map(({ parameter }) => parameter),
      ['cursor'],
    );
  }
});

test('what is asked for wrongly is refused by name', async () => {
  const rig = await rigWithHits();
  for (const [query, parameter] of [
    ['?kind=click', 'kind'],
    ['?limit=0', 'limit'],
    ['?limit=10001', 'limit'],
    ['?from=2026-02-02&to=2026-02-02', 'from'],
    ['?from=yesterday', 'from'],
    ['?time_zone=Mars/Olympus', 'time_zone'],
    ['?class=robot', 'class'],
    ['?colour=red', 'colour'],
  ] as const) {
    const reply = await rig.app.inject({ url: `/v1/hits${query}`, headers: AUTHORIZED });
    assert.equal(reply.statusCode, 400, query);
    const { errors } = reply.json<{ errors: { parameter: string }[] }>();
    assert.equal(errors[0]?.parameter, parameter, query);
  }
  rig.world.caughtUp = false;
  const late = await rig.app.inject({ url: '/v1/hits', headers: AUTHORIZED });
  assert.equal(late.statusCode, 503);
});
