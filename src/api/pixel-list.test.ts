// Finding pixels, their hits, and campaigns: every parameter, every page, and everything that is refused.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { apiRig, AUTHORIZED, BEGINNING, type Rig, someOpens } from '../../test/api-rig.ts';
import { loadOf, someHit, somePixel } from '../../test/contracts/store-events.ts';
import { manyPixels, PIXELS } from '../../test/contracts/store-listed.ts';
import { impersonal } from '../hit/verdict.ts';
import { formatMicros } from './times.ts';

interface Listed {
  readonly code: string;
  readonly label: string | null;
  readonly campaign: string | null;
  readonly effective_mode: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly last_hit_at: string | null;
}
interface Page {
  readonly pixels: readonly Listed[];
  readonly cursor: string | null;
  readonly total: number;
}
interface Campaigns {
  readonly campaigns: readonly {
    readonly campaign: string | null;
    readonly pixels: number;
    readonly pixels_opened: number;
    readonly counts: Readonly<Record<string, number>>;
  }[];
  readonly cursor: string | null;
}
interface Problem {
  readonly errors: readonly { readonly parameter: string }[];
}
type Query = Readonly<Record<string, string>>;

async function get({ app }: Rig, path: string, query: Query = {}) {
  return await app.inject({ url: path, query: { ...query }, headers: AUTHORIZED });
}

async function list(rig: Rig, query: Query = {}): Promise<Page> {
  const reply = await get(rig, '/v1/pixels', query);
  assert.equal(reply.statusCode, 200, reply.body);
  return reply.json<Page>();
}

async function codes(rig: Rig, query: Query = {}): Promise<string[]> {
  return (await list(rig, query)).pixels.map(({ code }) => code);
}

async function refused(rig: Rig, path: string, query: Query): Promise<string | undefined> {
  const reply = await get(rig, path, query);
  assert.equal(reply.statusCode, 400, `${path} ${JSON.stringify(query)}`);
  return reply.json<Problem>().errors[0]?.parameter;
}

async function filled(): Promise<Rig> {
  const rig = apiRig({ pixelMode: 'aggregate' });
  await rig.store.load(manyPixels());
  return rig;
}

describe('the list of pixels', () => {
  test('begins with the newest, fifty at a time, and says how many there are', async () => {
    const rig = await filled();
    const first = await list(rig);
    assert.deepEqual([first.pixels.length, first.total], [50, PIXELS]);
    const second = await list(rig, { cursor: first.cursor ?? '' });
    assert.deepEqual([second.pixels.length, second.cursor, second.total], [10, null, PIXELS]);
    const all = [...first.pixels, ...second.pixels].map(({ code }) => code);
    assert.deepEqual(all, await codes(rig, { limit: '1000' }));
    assert.equal(new Set(all).size, PIXELS);
    const oldest = await codes(rig, { limit: '1000', order: 'asc' });
    assert.deepEqual(oldest, all.toReversed());
  });

  test('answers of a pixel what reading it alone answers', async () => {
    const rig = await filled();
    for (const pixel of (await list(rig, { limit: '1000' })).pixels) {
      const alone = await get(rig, `/v1/pixels/${pixel.code}`);
      assert.deepEqual(alone.json(), pixel);
      const info = await get(rig, `/v1/api/info/${pixel.code}`);
      const { counts, timeseries_data: hits } = info.json<{
        counts: object;
        timeseries_data: { time_stamp: string }[];
      }>();
      assert.deepEqual(pixel.counts, counts);
      assert.equal(pixel.last_hit_at, hits.at(-1)?.time_stamp ?? null);
    }
  });

  test('knows who of a campaign never looked: machines that fetched are nobody', async () => {
    const rig = apiRig();
    const notes = ['looked', 'mail', 'never', 'machine'].map((code, i) =>
      somePixel(i, { code, properties: { campaign: 'autumn' } }),
    );
    const other = somePixel(9, { code: 'other' });
    const scanner = { verdict: impersonal('scanner-token', null) };
    const apple = { verdict: impersonal('apple-mpp-listed', 'Apple Mail') };
    const hits = [
      someHit(1, { code: 'looked' }),
      someHit(2, { code: 'mail' }, apple),
      someHit(3, { code: 'machine' }, scanner),
      someHit(4, { code: 'other' }),
    ];
    await rig.store.load(loadOf({ notes: [...notes, other], hits }));
    const sorted = { campaign: 'autumn', order: 'asc' };
    assert.deepEqual(await codes(rig, { ...sorted, opened: 'no' }), ['mail', 'never', 'machine']);
    assert.deepEqual(await codes(rig, { ...sorted, opened: 'yes' }), ['looked']);
    assert.deepEqual(await codes(rig, { campaign: '', opened: 'yes' }), ['other']);
  });

  test('goes by every parameter', async () => {
    const rig = await filled();
    const all = (await list(rig, { limit: '1000' })).pixels;
    const expected = (keeps: (pixel: Listed) => boolean) =>
      all.filter(keeps).map(({ code }) => code);
    const found = (query: Query) => codes(rig, { ...query, limit: '1000' });
    assert.deepEqual(
      await found({ mode: 'off' }),
      expected((p) => p.effective_mode === 'off'),
    );
    // The default of this installation too.
    const aggregate = expected((p) => p.effective_mode === 'aggregate');
    assert.ok(aggregate.length > 20);
    assert.deepEqual(await found({ mode: 'aggregate' }), aggregate);
    assert.deepEqual(
      await found({ campaign: '100%' }),
      expected((p) => p.campaign === '100%'),
    );
    assert.deepEqual(
      await found({ campaign: '' }),
      expected((p) => !p.campaign),
    );
    assert.deepEqual(
      await found({ search: 'CODE0' }),
      expected((p) => /code0/i.test(p.code)),
    );
    assert.deepEqual(
      await found({ search: '' }),
      expected(() => true),
    );
    const from = formatMicros(BEGINNING + 5_000_000);
    const to = formatMicros(BEGINNING + 7_000_000);
    assert.equal((await found({ created_from: from, created_to: to })).length, 6);
    assert.equal((await found({ created_to: '2026-06-01' })).length, 0);
    assert.equal((await found({ created_from: '2026-06-01' })).length, PIXELS);
    const labels = (await list(rig, { sort: 'label', limit: '1000' })).pixels.map((p) => p.label);
    const given = labels.filter((label) => label !== null);
    assert.deepEqual(
      given,
      given.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    );
    assert.deepEqual(
      labels.slice(given.length),
      labels.filter((label) => label === null),
    );
  });

  test('refuses what it does not understand, and names it', async () => {
    const rig = apiRig();
    const wrong: [string, string][] = [
      ['limit', '0'],
      ['limit', '1001'],
      ['limit', '-1'],
      ['limit', '1e2'],
      ['limit', ''],
      ['sort', 'code'],
      ['order', 'down'],
      ['mode', 'none'],
      ['opened', 'maybe'],
      ['opened', ''],
      ['created_from', 'yesterday'],
      ['created_from', '2026-13-01'],
      ['created_to', '1969-12-31'],
      ['created_to', '2026-06-01T10:00:00'],
      ['search', 'x'.repeat(513)],
      ['campaign', 'ä'.repeat(257)],
      ['recipient', 'x'.repeat(513)],
      ['page', '2'],
      ['cursor', ''],
      ['cursor', 'AAAAAAAAAAAA'],
    ];
    for (const [name, value] of wrong) {
      assert.equal(await refused(rig, '/v1/pixels', { [name]: value }), name, `${name}=${value}`);
    }
    const reversed = { created_from: '2026-06-02', created_to: '2026-06-01' };
    assert.equal(await refused(rig, '/v1/pixels', reversed), 'created_from');
    const twice = await rig.app.inject({
      url: '/v1/pixels?search=a&search=b',
      headers: AUTHORIZED,
    });
    assert.equal(twice.statusCode, 400);
    assert.equal((await rig.app.inject('/v1/pixels')).statusCode, 401);
  });

  test('takes only cursors of its own, whole, and of the same question', async () => {
    const rig = await filled();
    const { cursor } = await list(rig, { limit: '5', campaign: 'Autumn' });
    assert.ok(cursor !== null && /^[\w-]+$/.test(cursor));
    const again = { cursor, campaign: 'Autumn' };
    assert.equal((await list(rig, { ...again, limit: '3' })).pixels.length, 3);
    for (const other of [
      { cursor },
      { ...again, campaign: 'a_b' },
      { ...again, sort: 'label' },
      { ...again, order: 'asc' },
      { ...again, opened: 'no' },
      { ...again, search: 'a' },
      { ...again, cursor: cursor.slice(0, -1) },
      { ...again, cursor: `${cursor}A` },
    ]) {
      assert.equal(await refused(rig, '/v1/pixels', other), 'cursor');
    }
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.stringMatching(/^[\w=-]$/), async (at, to) => {
        const place = at % cursor.length;
        const altered = cursor.slice(0, place) + to + cursor.slice(place + 1);
        fc.pre(altered !== cursor);
        assert.equal(await refused(rig, '/v1/pixels', { ...again, cursor: altered }), 'cursor');
      }),
      { seed: 20_261_130, numRuns: 60 },
    );
    const { cursor: campaigns } = (
      await get(rig, '/v1/campaigns', { limit: '1' })
    ).json<Campaigns>();
    assert.equal(await refused(rig, '/v1/pixels', { cursor: campaigns ?? '' }), 'cursor');
  });

  test('is a 503 while the store is behind', async () => {
    const rig = apiRig();
    rig.world.caughtUp = false;
    for (const path of ['/v1/pixels', '/v1/campaigns', '/v1/pixels/AAAAAAAAAAAAAAAA/hits']) {
      assert.equal((await get(rig, path)).statusCode, 503);
    }
  });
});

describe('the hits of a pixel', () => {
  test('come newest first, page by page, each once', async () => {
    const rig = apiRig();
    const hits = someOpens('pixel', 250);
    await rig.store.load(loadOf({ hits, notes: [somePixel(1, { code: 'pixel' })] }));
    const times: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const reply = await get(rig, '/v1/pixels/pixel/hits', cursor === '' ? {} : { cursor });
      const page = reply.json<{ hits: { time_stamp: string }[]; cursor: string | null }>();
      assert.ok(page.hits.length <= 100);
      times.push(...page.hits.map((hit) => hit.time_stamp));
      cursor = page.cursor;
    }
    assert.deepEqual(times, hits.map(({ event }) => formatMicros(event.at)).toReversed());
  });

  test('are none of a new pixel, and a 404 of one that nobody knows', async () => {
    const rig = apiRig();
    await rig.store.load(loadOf({ hits: [someHit(1)], notes: [somePixel(1, { code: 'new' })] }));
    assert.deepEqual((await get(rig, '/v1/pixels/new/hits')).json(), { hits: [], cursor: null });
    // Not minted here (CODE_CHECK=off), but looked at.
    assert.equal((await get(rig, '/v1/pixels/AAAAAAAAAAAAAAAA/hits')).statusCode, 200);
    for (const code of ['unknown', '%00', 'x'.repeat(65)]) {
      assert.equal((await get(rig, `/v1/pixels/${code}/hits`)).statusCode, 404);
    }
    assert.equal(await refused(rig, '/v1/pixels/new/hits', { cursor: 'x' }), 'cursor');
    assert.equal(await refused(rig, '/v1/pixels/new/hits', { limit: '10001' }), 'limit');
  });
});

describe('campaigns', () => {
  test('have the counts of the statistics, and as many pixels as the list finds', async () => {
    const rig = await filled();
    const { campaigns, cursor } = (await get(rig, '/v1/campaigns')).json<Campaigns>();
    assert.equal(cursor, null);
    assert.ok(campaigns.some(({ campaign }) => campaign === null));
    const all = { from: '2026-01-01', to: '2027-01-01', split: 'campaign' };
    const statistics = (await get(rig, '/v1/statistics/opens', all)).json<{
      groups: { value: string | null; totals: object }[];
    }>();
    for (const { campaign, pixels, pixels_opened: opened, counts } of campaigns) {
      const group = statistics.groups.find(({ value }) => value === campaign);
      if (group === undefined) assert.equal(counts['hits'], 0);
      else assert.deepEqual(counts, group.totals, String(campaign));
      const query = { campaign: campaign ?? '' };
      assert.equal((await list(rig, query)).total, pixels);
      assert.equal((await list(rig, { ...query, opened: 'yes' })).total, opened);
    }
  });

  test('count within a range, are searched, and come page by page', async () => {
    const rig = await filled();
    const half = { from: formatMicros(BEGINNING), to: formatMicros(BEGINNING + 30_000_000) };
    const within = (await get(rig, '/v1/campaigns', half)).json<Campaigns>().campaigns;
    const statistics = await get(rig, '/v1/statistics/opens', { ...half, split: 'campaign' });
    const { groups } = statistics.json<{ groups: { value: string | null; totals: object }[] }>();
    for (const { value, totals } of groups) {
      assert.deepEqual(within.find(({ campaign }) => campaign === value)?.counts, totals);
    }
    const named = (await get(rig, '/v1/campaigns', { search: 'äPFEL' })).json<Campaigns>();
    assert.deepEqual(
      named.campaigns.map(({ campaign }) => campaign),
      ['Äpfel'],
    );
    const names: (string | null)[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const query: Query = cursor === '' ? {} : { cursor };
      const page = (await get(rig, '/v1/campaigns', { ...query, limit: '2' })).json<Campaigns>();
      names.push(...page.campaigns.map(({ campaign }) => campaign));
      cursor = page.cursor;
    }
    assert.deepEqual(
      names,
      within.map(({ campaign }) => campaign),
    );
  });

  test('refuse what they do not understand, and name it', async () => {
    const rig = await filled();
    for (const [name, value] of [
      ['limit', '0'],
      ['from', 'today'],
      ['time_zone', 'Europe/Nowhere'],
      ['cursor', 'x'],
      ['split', 'pixel'],
      ['search', 'x'.repeat(513)],
    ] as const) {
      assert.equal(await refused(rig, '/v1/campaigns', { [name]: value }), name);
    }
    const reversed = { from: '2026-06-02', to: '2026-06-01' };
    assert.equal(await refused(rig, '/v1/campaigns', reversed), 'from');
    const { cursor } = (await get(rig, '/v1/campaigns', { limit: '1' })).json<Campaigns>();
    const other = { cursor: cursor ?? '', from: '2026-06-01' };
    assert.equal(await refused(rig, '/v1/campaigns', other), 'cursor');
  });
});
