// Statistics over HTTP: what a query means, what is refused and by which name.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { apiRig, AUTHORIZED, type Rig } from '../../test/api-rig.ts';
import { loadOf, someHit, somePixel } from '../../test/contracts/store-events.ts';
import { FIRST_HOUR } from '../../test/any-statistics.ts';
import { STATISTICS_POINTS_MAX } from '../limits.ts';

const SECOND = 1_000_000;
const HOUR = 3_600 * SECOND;
/** 2026-06-01T01:00Z. */
const ONE = FIRST_HOUR;

interface Bucket {
  readonly start: string;
  readonly hits: number;
}
interface Answer {
  readonly status: number;
  readonly from: string;
  readonly to: string;
  readonly time_zone: string;
  readonly interval: string | null;
  readonly totals: Readonly<Record<string, number>>;
  readonly series: readonly Bucket[];
  readonly groups: readonly {
    value: string | null;
    label?: string | null;
    totals: Readonly<Record<string, number>>;
    series: readonly Bucket[];
  }[];
  readonly groups_left_out: number;
  readonly errors?: readonly { parameter: string; detail: string }[];
}

async function ask({ app }: Rig, kind: 'opens' | 'visits', query: string): Promise<Answer> {
  const url = `/v1/statistics/${kind}?${query}`;
  const response = await app.inject({ url, headers: AUTHORIZED });
  return { ...response.json<Omit<Answer, 'status'>>(), status: response.statusCode };
}

/** Which parameters are complained about. */
async function wrong(rig: Rig, query: string, kind: 'opens' | 'visits' = 'opens') {
  const { status, errors = [] } = await ask(rig, kind, query);
  assert.equal(status, 400, query);
  return errors.map(({ parameter }) => parameter);
}

const look = (number: number, at: number, code = 'code-a', viewer = 'aaaaaaaaaaaaaaaa') =>
  someHit(number, { at, code }, { viewer });

test('a day of somebody’s zone has every hour, and each hit is in one', async () => {
  const rig = apiRig();
  const hits = [look(1, ONE), look(2, ONE + 5 * SECOND), look(3, ONE + 25 * HOUR)];
  await rig.store.load(loadOf({ hits, notes: [somePixel(1, { code: 'code-a' })] }));
  const answer = await ask(
    rig,
    'opens',
    'from=2026-06-01&to=2026-06-02&time_zone=Asia/Kathmandu&interval=hour',
  );
  assert.equal(answer.status, 200);
  assert.equal(answer.from, '2026-06-01T00:00:00+05:45');
  assert.equal(answer.to, '2026-06-02T00:00:00+05:45');
  assert.deepEqual([answer.time_zone, answer.interval], ['Asia/Kathmandu', 'hour']);
  assert.equal(answer.series.length, 24);
  assert.equal(answer.series[6]?.start, '2026-06-01T06:00:00+05:45');
  // 01:00Z is 06:45 in Kathmandu.
  assert.deepEqual(
    answer.series.map(({ hits: count }) => count),
    Array.from({ length: 24 }, (_, hour) => (hour === 6 ? 2 : 0)),
  );
  const { hits: all, opens, unique_opens: unique, repeats } = answer.totals;
  assert.deepEqual([all, opens, unique, repeats], [2, 1, 1, 1]);
  assert.deepEqual([answer.groups, answer.groups_left_out], [[], 0]);
});

test('visits have names of their own, and a repeat is one of the same page', async () => {
  const rig = apiRig();
  const visit = (number: number, page: string) =>
    someHit(number, {
      kind: 'visit',
      code: null,
      at: ONE + number,
      referrer: `https://s.example/${page}`,
    });
  await rig.store.load(loadOf({ hits: [visit(1, 'a'), visit(2, 'b'), visit(3, 'a')] }));
  const { totals, groups } = await ask(rig, 'visits', 'from=2026-06-01&to=2026-06-02&split=page');
  assert.deepEqual(totals, {
    hits: 3,
    visits: 2,
    unique_visits: 1,
    repeats: 1,
    unverified: 0,
    machine: 0,
    ignored: 0,
  });
  assert.deepEqual(
    groups.map(({ value, totals: own }) => [value, own['visits'], own['repeats']]),
    [
      ['https://s.example/a', 1, 1],
      ['https://s.example/b', 1, 0],
    ],
  );
});

test('groups are the largest, pixels with their labels, and filters may be repeated', async () => {
  const rig = apiRig();
  const codes = ['a', 'a', 'a', 'b', 'b', 'c', 'd'];
  const hits = codes.map((code, i) => look(i, ONE + i * HOUR, code, `${i}`.padStart(16, '0')));
  const notes = [somePixel(1, { code: 'a', properties: { label: 'First', campaign: 'spring' } })];
  await rig.store.load(loadOf({ hits, notes }));
  const range = 'from=2026-06-01&to=2026-06-03';
  const split = await ask(rig, 'opens', `${range}&split=pixel&limit=2&interval=day`);
  assert.deepEqual(
    split.groups.map(({ value, label, totals, series }) => [
      value,
      label,
      totals['opens'],
      series.length,
    ]),
    [
      ['a', 'First', 3, 2],
      ['b', null, 2, 2],
    ],
  );
  assert.equal(split.groups_left_out, 2);
  const several = await ask(rig, 'opens', `${range}&pixel=b&pixel=c`);
  assert.equal(several.totals['hits'], 3);
  const without = await ask(rig, 'opens', `${range}&campaign=&split=campaign`);
  assert.deepEqual([without.totals['hits'], without.groups[0]?.value], [4, null]);
  const both = await ask(rig, 'opens', `${range}&campaign=&campaign=spring&pixel=a`);
  assert.equal(both.totals['hits'], 3);
});

test('without a range it is the last thirty days and today', async () => {
  const { status, from, to } = await ask(apiRig(), 'opens', 'interval=day');
  assert.equal(status, 200);
  assert.match(from, /T00:00:00\+00:00$/);
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000;
  assert.ok(days >= 30 && days < 31, `${days} days`);
});

test('times are what they say, with an offset that nobody encoded too', async () => {
  const rig = apiRig();
  await rig.store.load(loadOf({ hits: [look(1, ONE)] }));
  const hits = async (query: string): Promise<unknown> =>
    (await ask(rig, 'opens', query)).totals['hits'];
  const to = 'to=2026-06-02';
  assert.equal(await hits(`from=2026-06-01T01:00:00Z&${to}`), 1);
  assert.equal(await hits(`from=2026-06-01T01:00:00.000001Z&${to}`), 0);
  assert.equal(await hits(`from=2026-06-01T03:00:00%2B02:00&${to}`), 1);
  assert.equal(await hits(`from=2026-06-01T03:00:00+02:00&${to}`), 1);
  assert.equal(await hits(`from=2026-06-01T03:00&time_zone=Europe/Berlin&${to}`), 1);
  assert.equal(await hits(`from=2026-06-01T03:01&time_zone=Europe/Berlin&${to}`), 0);
  assert.equal(await hits('from=2026-05-01&to=2026-06-01T01:00Z'), 0);
});

test('what is wrong is refused by its name', async () => {
  const rig = apiRig();
  assert.deepEqual(await wrong(rig, 'from=2026-06-02&to=2026-06-01'), ['from']);
  assert.deepEqual(await wrong(rig, 'from=2026-06-02&to=2026-06-02'), ['from']);
  assert.deepEqual(await wrong(rig, 'from=1970-01-01&to=2200-01-01'), ['from']);
  for (const from of ['yesterday', '2026-02-30', '1969-12-31', '2300-01-01', '2026-6-1', '', '0']) {
    assert.deepEqual(await wrong(rig, `from=${from}`), ['from'], from);
  }
  assert.deepEqual(await wrong(rig, 'to=2026-06-01T25:00Z'), ['to']);
  for (const zone of [
    'Mars/Olympus',
    '%2B01:00',
    '',
    '../etc',
    'x'.repeat(100),
    'Europe/Berlin%00',
  ]) {
    assert.deepEqual(await wrong(rig, `time_zone=${zone}`), ['time_zone'], zone);
  }
  assert.deepEqual(await wrong(rig, 'interval=minute'), ['interval']);
  assert.deepEqual(await wrong(rig, 'split=own'), ['split']);
  assert.deepEqual(await wrong(rig, 'split=pixel', 'visits'), ['split']);
  assert.deepEqual(await wrong(rig, 'campaign=a', 'visits'), ['campaign']);
  for (const limit of ['0', '1001', '-1', 'x', '1e2']) {
    assert.deepEqual(await wrong(rig, `limit=${limit}`), ['limit'], limit);
  }
  assert.deepEqual(await wrong(rig, 'from=2026-06-01&from=2026-06-01'), ['from']);
  assert.deepEqual(await wrong(rig, 'class=person'), ['class']);
  assert.deepEqual(await wrong(rig, 'class=crawler&class=person'), ['class']);
  assert.deepEqual(await wrong(rig, 'country=de'), ['country']);
  assert.deepEqual(await wrong(rig, 'device=fridge'), ['device']);
  assert.deepEqual(await wrong(rig, `pixel=${'x'.repeat(65)}`), ['pixel']);
  assert.deepEqual(await wrong(rig, `client=${'%C3%A4'.repeat(300)}`), ['client']);
  assert.deepEqual(await wrong(rig, 'client=a&'.repeat(101)), ['client']);
  assert.deepEqual(await wrong(rig, 'own=address'), ['own']);
});

test('an interval that would give too many points is refused, with groups sooner', async () => {
  const rig = apiRig();
  assert.deepEqual(await wrong(rig, 'from=2024-01-01&to=2026-01-01&interval=hour'), ['interval']);
  assert.deepEqual(await wrong(rig, 'from=1970-01-01&to=2050-01-01&interval=day'), ['interval']);
  const month = 'from=2026-05-01&to=2026-06-01&interval=hour';
  assert.equal((await ask(rig, 'opens', month)).status, 200);
  assert.deepEqual(await wrong(rig, `${month}&split=class`), ['interval']);
  assert.equal((await ask(rig, 'opens', `${month}&split=class&limit=12`)).status, 200);
  const series = (await ask(rig, 'opens', 'from=1970-01-01&to=1997-05-19&interval=day')).series;
  assert.equal(series.length, STATISTICS_POINTS_MAX);
  assert.deepEqual(await wrong(rig, 'from=1970-01-01&to=1997-05-20&interval=day'), ['interval']);
});

test('a store that is behind is waited for, and said to be', async () => {
  const rig = apiRig();
  rig.world.caughtUp = false;
  assert.equal((await ask(rig, 'opens', '')).status, 503);
});

test('whatever is asked is answered, or refused by a parameter’s name', async () => {
  const rig = apiRig();
  await rig.store.load(loadOf({ hits: [look(1, ONE), look(2, ONE + HOUR, 'b')] }));
  const parameter = fc.constantFrom(
    'from',
    'to',
    'time_zone',
    'interval',
    'split',
    'limit',
    'campaign',
    'pixel',
    'class',
    'client',
    'os',
    'device',
    'country',
    'referrer',
    'page',
    'nonsense',
    '__proto__',
    'constructor',
  );
  const value = fc.oneof(
    fc.constantFrom(
      '2026-06-01',
      '2026-06-01T00:00:00+24:00',
      '9999-12-31',
      'Asia/Kathmandu',
      'hour',
    ),
    fc.constantFrom('week', 'pixel', 'page', '5', '', "' OR 1=1 --", '%', '\0', 'crawler', 'DE'),
    fc.string({ unit: 'binary', maxLength: 40 }),
  );
  const queries = fc.array(fc.tuple(parameter, value), { maxLength: 6 });
  const statuses = new Set<number>();
  await fc.assert(
    fc.asyncProperty(
      queries,
      fc.constantFrom('opens' as const, 'visits' as const),
      async (query, kind) => {
        const { status, errors } = await ask(rig, kind, new URLSearchParams(query).toString());
        statuses.add(status);
        if (status === 200) return;
        assert.equal(status, 400);
        assert.ok(errors?.every((error) => error.parameter !== '' && error.detail !== ''));
      },
    ),
    { numRuns: 500, seed: 20_261_130 },
  );
  assert.deepEqual(statuses, new Set([200, 400]));
});

test('a caller that goes ends its question', async () => {
  const rig = apiRig();
  const ended = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  rig.store.statistics = (_request: unknown, signal?: AbortSignal) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => {
        ended.resolve();
        reject(new Error('interrupted'));
      });
      begun.resolve();
    });
  const address = await rig.app.listen({ host: '127.0.0.1', port: 0 });
  const caller = new AbortController();
  const answer = fetch(`${address}/v1/statistics/opens`, {
    headers: AUTHORIZED,
    signal: caller.signal,
  });
  await begun.promise;
  caller.abort();
  await assert.rejects(answer, { name: 'AbortError' });
  await ended.promise;
  await rig.app.close();
});
