// The two endpoints as a TrackPixel client uses them, and what is new in them.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { apiRig, AUTHORIZED, BEGINNING, type Rig, someOpens } from '../../test/api-rig.ts';
import { someHit } from '../../test/contracts/store-events.ts';
import { impersonal, type Judgement, type Reason } from '../hit/verdict.ts';
import { StoreError } from '../store/store.ts';

const CODE = 'Abcdefghijk12345';

interface InfoBody {
  uri: string;
  total_opens: number;
  created_at: string | null;
  timeseries_data: {
    uri: string;
    time_stamp: string;
    ip_address: string;
    id: string;
    class: string;
    own: string | null;
  }[];
  counts: Record<string, number>;
  image_url: string;
  cursor: string | null;
}

async function get({ app }: Rig, url: string) {
  return await app.inject({ url, headers: AUTHORIZED });
}

async function loaded(opens: number, minted = true): Promise<Rig> {
  const rig = apiRig();
  const id = { writer: '00000000000000bb', segment: 1, position: 16 };
  const notes = minted
    ? [{ id, event: { kind: 'pixel-minted' as const, at: BEGINNING, code: CODE } }]
    : [];
  await rig.store.load({ hits: someOpens(CODE, opens), notes, progress: '1' });
  return rig;
}

describe('gen-image', () => {
  test('answers a code and its image only after the journal kept it', async () => {
    const rig = apiRig();
    const before = Date.now() * 1000;
    const reply = await get(rig, '/v1/api/gen-image');
    assert.equal(reply.statusCode, 200);
    const [minted] = rig.notes;
    assert.ok(minted?.kind === 'pixel-minted');
    assert.equal(minted.properties, undefined);
    assert.match(minted.code, /^[A-Za-z0-9]{16}$/);
    assert.ok(minted.at >= before && minted.at <= (Date.now() + 1) * 1000);
    assert.equal(
      reply.body,
      `{"image_url":"https://pixel.example/base/image/${minted.code}.png","unique_code":"${minted.code}"}`,
    );
    assert.equal(reply.headers['content-type'], 'application/json; charset=utf-8');
    assert.equal(reply.headers['cache-control'], 'no-store');
  });

  test('is a 503 with Retry-After when the journal refuses', async () => {
    const rig = apiRig();
    rig.world.journal = 'refused';
    const reply = await get(rig, '/v1/api/gen-image');
    assert.equal(reply.statusCode, 503);
    assert.equal(reply.headers['content-type'], 'application/problem+json');
    assert.equal(reply.headers['retry-after'], '1');
  });

  test('mints nothing for HEAD, POST, a stranger, or a parameter that it does not know', async () => {
    const rig = apiRig();
    const url = '/v1/api/gen-image';
    const head = await rig.app.inject({ method: 'HEAD', url, headers: AUTHORIZED });
    const post = await rig.app.inject({ method: 'POST', url, headers: AUTHORIZED });
    const stranger = await rig.app.inject({ url });
    const withMode = await get(rig, `${url}?mode=aggregate`);
    assert.deepEqual(
      [head, post, stranger, withMode].map((reply) => reply.statusCode),
      [405, 405, 401, 400],
    );
    assert.deepEqual(withMode.json().errors, [{ parameter: 'mode', detail: 'is not known here' }]);
    assert.equal(rig.notes.length, 0);
  });
});

describe('info', () => {
  test('a minted pixel without opens has its time of birth and an empty series', async () => {
    const reply = await get(await loaded(0), `/v1/api/info/${CODE}`);
    assert.equal(reply.statusCode, 200);
    assert.deepEqual(reply.json(), {
      uri: CODE,
      total_opens: 0,
      created_at: '2026-06-01T00:00:00.000001Z',
      timeseries_data: [],
      image_url: `https://pixel.example/base/image/${CODE}.png`,
      cursor: null,
      counts: {
        hits: 0,
        opens: 0,
        unique_opens: 0,
        repeats: 0,
        unverified: 0,
        machine: 0,
        ignored: 0,
      },
      mode: null,
      effective_mode: 'individual',
      sent_at: null,
      recipient: null,
      label: null,
      campaign: null,
      metadata: null,
    });
  });

  test('each open is a row with its time to the microsecond, oldest first', async () => {
    const { timeseries_data: rows, total_opens } = (
      await get(await loaded(3), `/v1/api/info/${CODE}`)
    ).json<InfoBody>();
    assert.equal(total_opens, 3);
    assert.deepEqual(rows[0], {
      uri: CODE,
      time_stamp: '2026-06-01T00:00:00.000001Z',
      ip_address: '192.0.2.1',
      user_agent: 'Mozilla/5.0',
      referrer: null,
      id: '00000000000000aa-1-16',
      class: 'human-browser',
      reason: 'browser-agent',
      client: 'Chrome',
      os: 'Windows',
      device: 'desktop',
      country: 'DE',
      own: null,
    });
    assert.deepEqual(
      rows.map((row) => row.time_stamp.slice(-8)),
      ['.000001Z'.slice(-8), '.000002Z', '.000003Z'],
    );
  });

  test('hits of every kind are counted side by side, and total_opens is TrackPixel’s', async () => {
    const rig = apiRig();
    const second = 1_000_000;
    const hit = (number: number, reason: Reason, judgement: Partial<Judgement> = {}) => {
      const verdict = impersonal(reason, null);
      const at = BEGINNING + number * second;
      return someHit(number, { at, code: CODE }, { verdict, viewer: 'a'.repeat(16), ...judgement });
    };
    const hits = [
      hit(0, 'browser-agent'),
      hit(10, 'browser-agent'),
      hit(21, 'mail-client-token'),
      hit(22, 'gmail-proxy-token', { viewer: 'b'.repeat(16) }),
      hit(30, 'apple-mpp-bare-agent'),
      hit(31, 'scanner-behaviour'),
      hit(32, 'prefetch-header'),
      hit(33, 'no-agent'),
      hit(34, 'browser-agent', { own: 'address', viewer: 'c'.repeat(16) }),
    ];
    await rig.store.load({ hits, notes: [], progress: '1' });
    const info = (await get(rig, `/v1/api/info/${CODE}`)).json<InfoBody>();
    assert.equal(info.total_opens, 9);
    assert.deepEqual(info.counts, {
      hits: 9,
      opens: 3,
      unique_opens: 2,
      repeats: 1,
      unverified: 1,
      machine: 2,
      ignored: 2,
    });
    assert.deepEqual(info.timeseries_data.map(({ class: is, own }) => [is, own]).slice(4), [
      ['apple-mpp', null],
      ['security-scanner', null],
      ['prefetch', null],
      ['unknown', null],
      ['human-browser', 'address'],
    ]);
    const strict = apiRig({ repeatSeconds: 0 });
    await strict.store.load({ hits, notes: [], progress: '1' });
    const { counts } = (await get(strict, `/v1/api/info/${CODE}`)).json<InfoBody>();
    assert.deepEqual([counts['opens'], counts['repeats']], [4, 0]);
  });

  test('what was said about the pixel stands beside its hits', async () => {
    const rig = apiRig({ pixelMode: 'aggregate' });
    const id = { writer: '00000000000000bb', segment: 1, position: 16 };
    const properties = {
      mode: 'individual',
      sentAt: BEGINNING - 1,
      recipient: 'ada@reader.example',
      label: 'hello',
      metadata: '{"order":7}',
    } as const;
    const event = { kind: 'pixel-minted', at: BEGINNING, code: CODE, properties } as const;
    await rig.store.load({ hits: [], notes: [{ id, event }], progress: '1' });
    const info = (await get(rig, `/v1/api/info/${CODE}`)).json<Record<string, unknown>>();
    const { mode, effective_mode, sent_at, recipient, label, campaign, metadata } = info;
    assert.deepEqual(
      { mode, effective_mode, sent_at, recipient, label, campaign, metadata },
      {
        mode: 'individual',
        effective_mode: 'individual',
        sent_at: '2026-06-01T00:00:00.000000Z',
        recipient: 'ada@reader.example',
        label: 'hello',
        campaign: null,
        metadata: { order: 7 },
      },
    );
  });

  test('the code may carry the ending of its image, as the original allowed', async () => {
    const rig = await loaded(1);
    for (const ending of ['.png', '.gif']) {
      const reply = await get(rig, `/v1/api/info/${CODE}${ending}`);
      assert.equal(reply.json<InfoBody>().uri, CODE);
    }
  });

  test('paging back with the cursor shows every open exactly once, while new ones arrive', async () => {
    const rig = await loaded(25);
    const ids: string[] = [];
    let cursor: string | null = null;
    let pages = 0;
    do {
      const query: string = cursor === null ? '' : `&cursor=${cursor}`;
      const page: InfoBody = (await get(rig, `/v1/api/info/${CODE}?limit=10${query}`)).json();
      ids.unshift(...page.timeseries_data.map((row) => row.id));
      cursor = page.cursor;
      pages++;
      const later = someOpens(CODE, 1, { at: BEGINNING + 1_000 + pages });
      const hits = later.map((hit) => ({ ...hit, id: { ...hit.id, position: 90_000 + pages } }));
      await rig.store.load({ hits, notes: [], progress: '2' });
    } while (cursor !== null);
    assert.equal(pages, 3);
    assert.deepEqual(
      ids,
      Array.from({ length: 25 }, (_, i) => `00000000000000aa-1-${16 + i * 100}`),
    );
  });

  test('a code that was minted elsewhere but has hits is known, its birth is not', async () => {
    const info = (await get(await loaded(2, false), `/v1/api/info/${CODE}`)).json<InfoBody>();
    assert.equal(info.total_opens, 2);
    assert.equal(info.created_at, null);
  });

  for (const code of [
    'AAAAAAAAAAAAAAAA',
    "'%20OR%201=1;--",
    '%00',
    '%0d%0aX:1',
    '..%2f..%2fetc',
    '%F0%9F%A6%8A',
    '.png',
    '%2e%2e',
    'x'.repeat(65),
    'x'.repeat(10_000),
  ]) {
    test(`the code ${code.slice(0, 20)} (${code.length}) is unknown: 404`, async () => {
      const reply = await get(await loaded(1), `/v1/api/info/${code}`);
      assert.equal(reply.statusCode, 404);
      assert.equal(reply.headers['content-type'], 'application/problem+json');
    });
  }

  for (const [query, parameter] of [
    ['limit=0', 'limit'],
    ['limit=10001', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=1e3', 'limit'],
    ['limit=', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['cursor=', 'cursor'],
    ['cursor=x', 'cursor'],
    ['cursor=a&cursor=b', 'cursor'],
    ['page=2', 'page'],
    ['__proto__=1', '__proto__'],
    ['constructor=1', 'constructor'],
  ]) {
    test(`?${query} is a 400 that names ${parameter}`, async () => {
      const reply = await get(await loaded(1), `/v1/api/info/${CODE}?${query}`);
      assert.equal(reply.statusCode, 400, reply.body);
      assert.deepEqual(
        reply.json<{ errors: { parameter: string }[] }>().errors.map((error) => error.parameter),
        [parameter],
      );
    });
  }

  test('limits at both ends are allowed', async () => {
    const rig = await loaded(3);
    const one = (await get(rig, `/v1/api/info/${CODE}?limit=1`)).json<InfoBody>();
    assert.deepEqual([one.timeseries_data.length, one.total_opens], [1, 3]);
    assert.equal((await get(rig, `/v1/api/info/${CODE}?limit=10000`)).statusCode, 200);
  });

  test('a store that has not caught up is a 503 that says how far it is behind', async () => {
    const rig = apiRig({}, { barrier: async () => false, behind: () => '12 MB, 3 s' });
    const reply = await get(rig, `/v1/api/info/${CODE}`);
    assert.equal(reply.statusCode, 503);
    assert.equal(reply.headers['retry-after'], '1');
    assert.match(reply.json<{ detail: string }>().detail, /12 MB, 3 s/);
  });

  test('a failing store is 503 without its words, and a mistake of ours 500', async () => {
    const rig = await loaded(1);
    rig.store.failure = new StoreError('secret path /var/x', true);
    const passing = await get(rig, `/v1/api/info/${CODE}`);
    rig.store.failure = new StoreError('secret path /var/x', false);
    const lasting = await get(rig, `/v1/api/info/${CODE}`);
    rig.store.failure = new TypeError('secret path /var/x');
    const mistake = await get(rig, `/v1/api/info/${CODE}`);
    assert.deepEqual(
      [passing, lasting, mistake].map((reply) => reply.statusCode),
      [503, 503, 500],
    );
    assert.equal(passing.headers['retry-after'], '1');
    for (const reply of [passing, lasting, mistake]) {
      assert.equal(reply.headers['content-type'], 'application/problem+json');
      assert.doesNotMatch(reply.body, /secret|stack|\.ts/);
    }
  });
});
