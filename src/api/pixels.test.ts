// Minting with properties, reading them and changing them: what is kept, what is not, and what is refused.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { apiRig, AUTHORIZED, type Rig, SECRET } from '../../test/api-rig.ts';
import { CodeAuthority } from '../hit/code.ts';
import type { PixelProperties } from '../hit/event.ts';

interface Body {
  code: string;
  image_url: string;
  image_html: string;
  image_markdown: string;
  mode: string | null;
  effective_mode: string;
  sent_at: string | null;
  recipient: string | null;
  label: string | null;
  metadata: unknown;
}

interface ProblemBody {
  detail: string;
}

const ALL = {
  mode: 'individual',
  sent_at: '2026-11-21T08:15:30.123456+01:00',
  recipient: 'ada@reader.example',
  label: 'Invoice 7 “paid”',
  campaign: 'autumn',
  metadata: { order: 7, tags: ['a', null], deep: { yes: true } },
} as const;

/** In place of what nobody says of a pixel. */
const NOT_SAID = {
  created_at: null,
  code: null,
  image_url: null,
  image_html: null,
  image_markdown: null,
};

/** ALL as a note keeps it. */
const KEPT: PixelProperties = {
  mode: 'individual',
  sentAt: Date.UTC(2026, 10, 21, 7, 15, 30) * 1000 + 123_456,
  recipient: ALL.recipient,
  label: ALL.label,
  campaign: ALL.campaign,
  metadata: JSON.stringify(ALL.metadata),
};

async function post({ app }: Rig, payload?: object, url = '/v1/pixels') {
  return await app.inject({
    method: 'POST',
    url,
    headers: AUTHORIZED,
    ...(payload && { payload }),
  });
}

async function patch({ app }: Rig, code: string, payload: object) {
  return await app.inject({
    method: 'PATCH',
    url: `/v1/pixels/${code}`,
    headers: AUTHORIZED,
    payload,
  });
}

async function get({ app }: Rig, code: string) {
  return await app.inject({ url: `/v1/pixels/${code}`, headers: AUTHORIZED });
}

async function minted(rig: Rig, payload: object): Promise<string> {
  return (await post(rig, payload)).json<Body>().code;
}

describe('minting', () => {
  test('answers all that was said once the journal has it, and reading answers the same', async () => {
    const rig = apiRig();
    const reply = await post(rig, ALL);
    assert.equal(reply.statusCode, 201);
    const pixel = reply.json<Body>();
    const { code } = pixel;
    const [note] = rig.notes;
    assert.ok(note?.kind === 'pixel-minted');
    assert.deepEqual(note.properties, KEPT);
    assert.deepEqual(pixel, {
      code: note.code,
      image_url: `https://pixel.example/base/image/${code}.png`,
      image_html: `<img src="https://pixel.example/base/image/${code}.png" width="1" height="1" alt="">`,
      image_markdown: `![](<https://pixel.example/base/image/${code}.png>)`,
      created_at: new Date(Math.floor(note.at / 1000))
        .toISOString()
        .replace('Z', `${String(note.at % 1000).padStart(3, '0')}Z`),
      ...ALL,
      effective_mode: 'individual',
      sent_at: '2026-11-21T07:15:30.123456Z',
    });
    assert.equal(reply.headers['location'], `/v1/pixels/${code}`);
    const read = await get(rig, code);
    assert.equal(read.statusCode, 200);
    const counts = { hits: 0, opens: 0, unique_opens: 0, repeats: 0 };
    const none = { ...counts, unverified: 0, machine: 0, ignored: 0 };
    assert.deepEqual(read.json(), { ...pixel, counts: none, last_hit_at: null });
  });

  test('a time of sending is kept to the microsecond, whatever its offset and digits', async () => {
    const rig = apiRig();
    for (const [sent, shown] of [
      ['2026-11-21T08:15:30Z', '2026-11-21T08:15:30.000000Z'],
      ['2026-11-21T08:15:30.5-03:30', '2026-11-21T11:45:30.500000Z'],
      ['2026-11-21T08:15:30.123456789+00:00', '2026-11-21T08:15:30.123456Z'],
      ['1970-01-01T01:00:00+01:00', '1970-01-01T00:00:00.000000Z'],
      ['2024-02-29T23:59:59.999999Z', '2024-02-29T23:59:59.999999Z'],
    ]) {
      assert.equal((await post(rig, { sent_at: sent })).json<Body>().sent_at, shown);
    }
  });

  test('nothing needs to be said: no body, an empty one and nulls mint a plain pixel', async () => {
    for (const payload of [undefined, {}, { mode: null, recipient: null, metadata: null }]) {
      const rig = apiRig();
      const reply = await post(rig, payload);
      assert.equal(reply.statusCode, 201);
      const { mode, effective_mode, recipient, metadata } = reply.json<Body>();
      assert.deepEqual(
        { mode, effective_mode, recipient, metadata },
        { mode: null, effective_mode: 'individual', recipient: null, metadata: null },
      );
      const [note] = rig.notes;
      assert.ok(note?.kind === 'pixel-minted' && note.properties === undefined);
    }
  });

  test('the code itself says the mode, for collectors without a store', async () => {
    const authority = new CodeAuthority(SECRET);
    for (const mode of ['individual', 'aggregate', 'off', null] as const) {
      const code = await minted(apiRig(), { mode });
      assert.deepEqual(authority.verify(code), { mode });
    }
  });

  const CAREFUL = [
    ['mode aggregate', {}, { mode: 'aggregate' }],
    ['mode off', {}, { mode: 'off' }],
    ['PIXEL_MODE=aggregate', { pixelMode: 'aggregate' }, {}],
    ['PIXEL_MODE=off', { pixelMode: 'off' }, { mode: null }],
    ['PRIVACY=strict', { privacy: 'strict' }, { mode: 'individual' }],
  ] as const;
  for (const [name, config, said] of CAREFUL) {
    test(`with ${name} no recipient is kept, and the answer shows none`, async () => {
      const rig = apiRig(config);
      const reply = await post(rig, { ...said, recipient: 'ada@reader.example', label: 'kept' });
      assert.equal(reply.statusCode, 201);
      const pixel = reply.json<Body>();
      assert.deepEqual([pixel.recipient, pixel.label], [null, 'kept']);
      assert.doesNotMatch(JSON.stringify(rig.notes), /ada/);
      assert.equal((await get(rig, pixel.code)).json<Body>().recipient, null);
    });
  }

  test('a mode of its own outweighs the default of the installation', async () => {
    const rig = apiRig({ pixelMode: 'aggregate' });
    const pixel = (await post(rig, { mode: 'individual', recipient: 'ada' })).json<Body>();
    assert.deepEqual([pixel.effective_mode, pixel.recipient], ['individual', 'ada']);
  });

  test('is a 503 with Retry-After when the journal refuses, and needs the token', async () => {
    const rig = apiRig();
    rig.world.journal = 'refused';
    const reply = await post(rig, ALL);
    assert.equal(reply.statusCode, 503);
    assert.equal(reply.headers['content-type'], 'application/problem+json');
    assert.equal(reply.headers['retry-after'], '1');
    for (const [method, url] of [
      ['POST', '/v1/pixels'],
      ['GET', '/v1/pixels/AAAAAAAAAAAAAAAA'],
      ['PATCH', '/v1/pixels/AAAAAAAAAAAAAAAA'],
    ] as const) {
      assert.equal((await rig.app.inject({ method, url, payload: {} })).statusCode, 401);
    }
  });

  test('an address with markup in BASE_URL stays text in what is handed out to paste', async () => {
    const rig = apiRig({ baseUrl: `https://x.example/a"onerror='b&amp;<i>)*\\` });
    const { code, image_html: html, image_markdown: text } = (await post(rig)).json<Body>();
    const path = `/image/${code}.png`;
    const attribute = 'a&#34;onerror=&#39;b&#38;amp;&#60;i&#62;)*\\';
    assert.equal(
      html,
      `<img src="https://x.example/${attribute}${path}" width="1" height="1" alt="">`,
    );
    const destination = `a"onerror='b&amp;amp;%3Ci%3E)*\\\\`;
    assert.equal(text, `![](<https://x.example/${destination}${path}>)`);
  });
});

describe('changing', () => {
  test('what is named changes, null takes back, and the rest stays', async () => {
    const rig = apiRig();
    const code = await minted(rig, ALL);
    const reply = await patch(rig, code, { label: 'new', campaign: null });
    assert.equal(reply.statusCode, 200);
    const {
      counts: _,
      last_hit_at: __,
      ...read
    } = (await get(rig, code)).json<Body & { counts: object; last_hit_at: null }>();
    assert.deepEqual(reply.json(), read);
    const note = rig.notes.at(-1);
    assert.ok(note?.kind === 'pixel-changed');
    assert.deepEqual(note.properties, { label: 'new', campaign: null });
    assert.deepEqual(
      { ...reply.json<Body>(), ...NOT_SAID },
      {
        ...ALL,
        sent_at: '2026-11-21T07:15:30.123456Z',
        label: 'new',
        campaign: null,
        effective_mode: 'individual',
        ...NOT_SAID,
      },
    );
  });

  for (const mode of ['aggregate', 'off'] as const) {
    test(`going to ${mode} leaves the recipient, by whom the hits before are found`, async () => {
      const rig = apiRig();
      const code = await minted(rig, ALL);
      const said = { mode, recipient: ALL.recipient };
      const changed = (await patch(rig, code, said)).json<Body>();
      assert.deepEqual([changed.mode, changed.effective_mode], [mode, mode]);
      assert.deepEqual([changed.recipient, changed.label], [ALL.recipient, ALL.label]);
      assert.deepEqual(await rig.store.pixelsOf(ALL.recipient), [code]);
      const held = await post(rig, { recipient: ALL.recipient }, '/v1/recipients/export');
      assert.match(held.body, new RegExp(`"pixel":"${code}"`));
    });

    test(`a pixel that had no recipient gets none with ${mode}, nor later`, async () => {
      const rig = apiRig();
      const code = await minted(rig, {});
      const changed = (await patch(rig, code, { mode, recipient: 'bob' })).json<Body>();
      const later = (await patch(rig, code, { recipient: 'bob' })).json<Body>();
      assert.deepEqual([changed.recipient, later.recipient], [null, null]);
      assert.doesNotMatch(JSON.stringify(rig.notes), /bob/);
    });
  }

  test('a recipient can be named once: another one, or none, is a 409 and changes nothing', async () => {
    const rig = apiRig();
    const code = await minted(rig, {});
    const named = await patch(rig, code, { recipient: 'ada' });
    assert.equal(named.json<Body>().recipient, 'ada');
    for (const mode of ['individual', 'off'] as const) {
      for (const recipient of ['bob', null]) {
        const reply = await patch(rig, code, { mode, recipient, label: 'new' });
        assert.equal(reply.statusCode, 409);
        assert.equal(reply.headers['content-type'], 'application/problem+json');
        assert.match(
          reply.json<ProblemBody>().detail,
          /erase the pixel, or the recipient, instead/,
        );
      }
    }
    assert.equal((await patch(rig, code, { recipient: 'ada' })).statusCode, 200);
    assert.equal(rig.notes.length, 2);
    const { recipient, label, mode } = (await get(rig, code)).json<Body>();
    assert.deepEqual([recipient, label, mode], ['ada', null, null]);
  });

  test('a mode that is taken back is that of the code again, or else the default', async () => {
    const rig = apiRig({ pixelMode: 'off' });
    const plain = await minted(rig, {});
    await patch(rig, plain, { mode: 'individual' });
    const back = (await patch(rig, plain, { mode: null })).json<Body>();
    assert.deepEqual([back.mode, back.effective_mode], [null, 'off']);
    const coded = await minted(rig, { mode: 'aggregate' });
    await patch(rig, coded, { mode: 'individual' });
    const again = (await patch(rig, coded, { mode: null, recipient: 'ada' })).json<Body>();
    assert.deepEqual(
      [again.mode, again.effective_mode, again.recipient],
      ['aggregate', 'aggregate', null],
    );
  });

  test('who changes at the same time takes turns: no recipient slips past a withdrawal', async () => {
    const rig = apiRig();
    const read = rig.store.pixel.bind(rig.store);
    rig.store.pixel = async (code) => {
      const found = await read(code);
      await sleep(20);
      return found;
    };
    const naming = (recipient: string) => ({ recipient });
    for (const [first, second, statuses, kept] of [
      [{ mode: 'aggregate' }, naming('bob'), [200, 200], null],
      [naming('ada'), naming('bob'), [200, 409], 'ada'],
    ] as const) {
      const code = await minted(rig, {});
      const replies = await Promise.all([first, second].map((each) => patch(rig, code, each)));
      assert.deepEqual(
        replies.map(({ statusCode }) => statusCode),
        statuses,
      );
      assert.equal((await get(rig, code)).json<Body>().recipient, kept);
    }
  });

  test('an unknown pixel is 404, an erased one too, and nothing is kept of either', async () => {
    const rig = apiRig();
    const erased = await minted(rig, ALL);
    await rig.store.erasePixel(erased);
    for (const code of ['AAAAAAAAAAAAAAAA', erased, '%00', 'x'.repeat(65)]) {
      assert.equal((await get(rig, code)).statusCode, 404);
      assert.equal((await patch(rig, code, { mode: 'off' })).statusCode, 404);
    }
    assert.equal(rig.notes.length, 1);
  });

  test('a journal that refuses and a store that is behind are 503, and nothing has changed', async () => {
    const rig = apiRig();
    const code = await minted(rig, ALL);
    rig.world.journal = 'refused';
    const refused = await patch(rig, code, { mode: 'off' });
    rig.world.journal = 'kept';
    rig.world.caughtUp = false;
    const behind = [await patch(rig, code, { mode: 'off' }), await get(rig, code)];
    for (const reply of [refused, ...behind]) {
      assert.equal(reply.statusCode, 503);
      assert.equal(reply.headers['retry-after'], '1');
    }
    rig.world.caughtUp = true;
    assert.equal((await get(rig, code)).json<Body>().mode, 'individual');
  });

  test('a later word that is known already is a 409, not a promise that does not hold', async () => {
    const rig = apiRig();
    const code = await minted(rig, ALL);
    const at = (Date.now() + 3_600_000) * 1000;
    const id = { writer: '00000000000000dd', segment: 1, position: 16 };
    const properties = { mode: 'individual' } as const;
    const event = { kind: 'pixel-changed', at, code, properties } as const;
    await rig.store.load({ hits: [], notes: [{ id, event }], progress: '9' });
    const reply = await patch(rig, code, { mode: 'off' });
    assert.equal(reply.statusCode, 409);
    assert.match(reply.json<ProblemBody>().detail, /later word/);
  });
});
