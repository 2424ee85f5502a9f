// Minting many at once, and minting once however often it is asked for: what is promised, when, and to whom.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { apiRig, AUTHORIZED, type Rig, SECRET } from '../../test/api-rig.ts';
import { CodeAuthority } from '../hit/code.ts';
import { BATCH_PIXELS_MAX } from '../limits.ts';

interface Pixel {
  readonly code: string;
  readonly label: string | null;
  readonly mode: string | null;
  readonly recipient: string | null;
}

interface Problem {
  readonly detail: string;
  readonly errors: readonly { readonly parameter: string; readonly detail: string }[];
}

type Reply = Awaited<ReturnType<typeof post>>;

async function post(
  { app }: Pick<Rig, 'app'>,
  payload: unknown,
  key?: string,
  url = '/v1/pixels/batch',
  headers = AUTHORIZED,
) {
  return await app.inject({
    method: 'POST',
    url,
    headers: {
      ...headers,
      'content-type': 'application/json',
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    payload: JSON.stringify(payload),
  });
}

const one = (rig: Rig, body: unknown, key?: string): Promise<Reply> =>
  post(rig, body, key, '/v1/pixels');
const pixelsIn = (reply: Reply): readonly Pixel[] => {
  assert.equal(reply.statusCode, 201, reply.body);
  return reply.json<{ pixels: Pixel[] }>().pixels;
};
const codesIn = (reply: Reply): readonly string[] => pixelsIn(reply).map(({ code }) => code);
const codeIn = (reply: Reply): string => reply.json<Pixel>().code;
const labelled = (count: number) => ({
  pixels: Array.from({ length: count }, (_, i) => ({ label: `label ${i}` })),
});
const isReplayed = ({ headers }: Reply): unknown => headers['idempotency-replayed'];

describe('many at once', () => {
  test('all are kept, in the order in which they were asked for, each as it was asked for', async () => {
    const rig = apiRig();
    const modes = ['individual', 'aggregate', 'off', null] as const;
    const asked = modes.map((mode, i) => ({ mode, label: `label ${i}`, recipient: 'ada' }));
    const pixels = pixelsIn(await post(rig, { pixels: [...asked, {}] }));
    const authority = new CodeAuthority(SECRET);
    assert.deepEqual(
      pixels.map(({ code, label, mode, recipient }) => [
        authority.verify(code)?.mode,
        mode,
        label,
        recipient,
      ]),
      [
        ['individual', 'individual', 'label 0', 'ada'],
        ['aggregate', 'aggregate', 'label 1', null],
        ['off', 'off', 'label 2', null],
        [null, null, 'label 3', 'ada'],
        [null, null, null, null],
      ],
    );
    assert.equal(rig.notes.length, 5);
    assert.equal((await rig.store.totals()).pixels, 5);
  });

  test(`up to ${BATCH_PIXELS_MAX}, and not one more`, async () => {
    const rig = apiRig();
    const codes = codesIn(await post(rig, labelled(BATCH_PIXELS_MAX)));
    assert.equal(new Set(codes).size, BATCH_PIXELS_MAX);
    assert.equal(rig.notes.length, BATCH_PIXELS_MAX);
    const refused = await post(rig, labelled(BATCH_PIXELS_MAX + 1));
    assert.equal(refused.statusCode, 400);
    assert.deepEqual(refused.json<Problem>().errors, [
      { parameter: 'pixels', detail: `must hold at most ${BATCH_PIXELS_MAX}` },
    ]);
    assert.equal(rig.notes.length, BATCH_PIXELS_MAX);
  });

  test('one that is wrong refuses all of them, and its field is named', async () => {
    const rig = apiRig();
    const wrong = async (pixels: unknown, more: object = {}) => {
      const reply = await post(rig, { pixels, ...more });
      assert.equal(reply.statusCode, 400);
      return reply.json<Problem>().errors.map(({ parameter }) => parameter);
    };
    assert.deepEqual(await wrong([{}, { label: '' }]), ['pixels.1.label']);
    assert.deepEqual(await wrong([{ sent_at: 'today' }]), ['pixels.0.sent_at']);
    assert.deepEqual(await wrong([{}, {}, { tag: 1, label: 'a\nb' }]), [
      'pixels.2.label',
      'pixels.2.tag',
    ]);
    assert.deepEqual(await wrong([7]), ['pixels.0']);
    assert.deepEqual(await wrong([null]), ['pixels.0']);
    assert.deepEqual(await wrong([]), ['pixels']);
    assert.deepEqual(await wrong({}), ['pixels']);
    assert.deepEqual(await wrong([{}], { campaign: 'x' }), ['campaign']);
    assert.equal((await post(rig, null)).statusCode, 400);
    assert.equal((await post(rig, [])).statusCode, 400);
    const many = Array.from({ length: 5_000 }, () => ({ label: '' }));
    assert.equal((await wrong(many)).length, 50);
    assert.deepEqual(rig.notes, []);
  });

  test('what does not find room is a 503 that promises nothing, and with a key is completed', async () => {
    for (const key of [undefined, 'completed']) {
      const rig = apiRig();
      rig.world.room = 3;
      const refused = await post(rig, labelled(10), key);
      assert.equal(refused.statusCode, 503);
      assert.equal(refused.headers['retry-after'], '1');
      assert.equal(rig.notes.length, 3);
      rig.world.room = Infinity;
      const codes = codesIn(await post(rig, labelled(10), key));
      assert.equal(new Set(codes).size, 10);
      // Without a key nobody can tell that these are the same.
      assert.equal((await rig.store.totals()).pixels, key === undefined ? 13 : 10);
      const { pixels } = await rig.store.pixels(EVERY_PIXEL);
      assert.ok(codes.every((code) => pixels.some(({ pixel }) => pixel.code === code)));
    }
  });

  test('a body of more than 32 MiB is a 413, and one of a megabyte is none', async () => {
    const rig = apiRig();
    const metadata = { text: 'x'.repeat(1_900) };
    const pixels = Array.from({ length: 1_000 }, () => ({ metadata }));
    assert.equal((await post(rig, { pixels })).statusCode, 201);
    const padding = ' '.repeat(33 * 1024 * 1024);
    const { statusCode } = await rig.app.inject({
      method: 'POST',
      url: '/v1/pixels/batch',
      headers: { ...AUTHORIZED, 'content-type': 'application/json' },
      payload: `{"pixels":[{}]${padding}}`,
    });
    assert.equal(statusCode, 413);
  });
});

const EVERY_PIXEL = {
  filter: {},
  sort: 'createdAt',
  order: 'ascending',
  place: null,
  limit: 100,
  repeatSeconds: 10,
} as const;

describe('an idempotency key', () => {
  test('gives a retry the same pixel, and says that it is one', async () => {
    const rig = apiRig();
    const body = { label: 'once', recipient: 'ada', metadata: { a: [1] } };
    const first = await one(rig, body, 'order-7');
    assert.equal(first.statusCode, 201);
    assert.equal(isReplayed(first), 'false');
    const again = await one(rig, body, 'order-7');
    assert.equal(again.statusCode, 201);
    assert.equal(isReplayed(again), 'true');
    assert.deepEqual(again.json(), first.json());
    assert.equal(again.headers['location'], first.headers['location']);
    assert.equal(rig.notes.length, 1);
    const other = await one(rig, body, 'order-8');
    assert.notEqual(codeIn(other), codeIn(first));
    assert.notEqual(codeIn(await one(rig, body)), codeIn(first));
    assert.equal(isReplayed(await one(rig, body)), 'false');
  });

  test('gives many at once the same pixels, however they are spelt', async () => {
    const rig = apiRig();
    const body = { pixels: [{ label: 'a', campaign: 'c' }, {}, { mode: 'off' }] };
    const codes = codesIn(await post(rig, body, 'k'));
    const spelt = { pixels: [{ campaign: 'c', label: 'a', mode: null }, {}, { mode: 'off' }] };
    const again = await post(rig, spelt, 'k');
    assert.deepEqual(codesIn(again), codes);
    assert.equal(isReplayed(again), 'true');
    assert.equal(rig.notes.length, 3);
  });

  test('mints one pixel each for requests of the same moment', async () => {
    const rig = apiRig();
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        post(rig, labelled(5), `key ${i % 2}`.replace(' ', '-')),
      ),
    );
    const kinds = new Set(replies.map((reply) => codesIn(reply).join()));
    assert.equal(kinds.size, 2);
    assert.equal(rig.notes.length, 10);
    assert.equal(replies.filter((reply) => isReplayed(reply) === 'false').length, 2);
  });

  test('is not remembered but worked out: another process finds what was minted', async () => {
    const first = apiRig();
    const codes = codesIn(await post(first, labelled(3), 'k'));
    const second = apiRig({}, { store: first.store });
    const again = await post(second, labelled(3), 'k');
    assert.deepEqual(codesIn(again), codes);
    assert.equal(isReplayed(again), 'true');
    assert.deepEqual(second.notes, []);
    const elsewhere = apiRig({}, { codes: new CodeAuthority(Buffer.alloc(32, 8)) });
    const others = codesIn(await post(elsewhere, labelled(3), 'k'));
    assert.ok(others.every((code) => !codes.includes(code)));
  });

  test('stands for one request: another one under it is a 422 and mints nothing', async () => {
    const rig = apiRig();
    const body = { pixels: [{ label: 'a' }, { label: 'b', mode: 'individual' }] };
    await post(rig, body, 'k');
    for (const pixels of [
      [{ label: 'a' }, { label: 'c', mode: 'individual' }],
      [{ label: 'a' }],
      [...body.pixels, {}],
      [{ label: 'b', mode: 'individual' }, { label: 'a' }],
      [
        { label: 'a', mode: 'off' },
        { label: 'b', mode: 'off' },
      ],
      [{ label: 'a' }, { label: 'b' }],
    ]) {
      const reply = await post(rig, { pixels }, 'k');
      assert.equal(reply.statusCode, 422, JSON.stringify(pixels));
      assert.equal(reply.headers['content-type'], 'application/problem+json');
    }
    await one(rig, { label: 'a' }, 'single');
    for (const changed of [{ label: 'b' }, {}, { label: 'a', mode: 'off' }]) {
      assert.equal((await one(rig, changed, 'single')).statusCode, 422);
    }
    assert.equal((await post(rig, { pixels: [{ label: 'a' }] }, 'single')).statusCode, 422);
    assert.equal(rig.notes.length, 3);
  });

  test('is not confused by what was changed since, which the retry shows', async () => {
    const rig = apiRig();
    const body = { label: 'first', mode: 'individual' };
    const code = codeIn(await one(rig, body, 'k'));
    await rig.app.inject({
      method: 'PATCH',
      url: `/v1/pixels/${code}`,
      headers: AUTHORIZED,
      payload: { label: 'second', mode: 'off' },
    });
    const again = (await one(rig, body, 'k')).json<Pixel>();
    assert.deepEqual([again.code, again.label, again.mode], [code, 'second', 'off']);
    assert.equal((await one(rig, { label: 'second' }, 'k')).statusCode, 422);
  });

  test('never brings a pixel back that was erased: that is a 409', async () => {
    const rig = apiRig();
    const codes = codesIn(await post(rig, labelled(3), 'k'));
    await rig.store.erasePixel(codes[1] ?? '');
    for (const body of [labelled(3), labelled(2)]) {
      const reply = await post(rig, body, 'k');
      assert.equal(reply.statusCode, 409);
      assert.match(reply.json<Problem>().detail, /erased/);
    }
    const code = codeIn(await one(rig, { mode: 'off' }, 'single'));
    await rig.store.erasePixel(code);
    for (const mode of ['off', null]) {
      assert.equal((await one(rig, { mode }, 'single')).statusCode, 409);
    }
    assert.equal(rig.notes.length, 4);
  });

  test('belongs to the token that sent it', async () => {
    const rig = apiRig();
    const tokens = await Promise.all(
      ['one', 'two'].map(async (name) => {
        const payload = { name, scopes: ['mint'] };
        const url = '/v1/tokens';
        const made = await rig.app.inject({ method: 'POST', url, headers: AUTHORIZED, payload });
        return made.json<{ token: string }>().token;
      }),
    );
    const codes: string[] = [];
    for (const token of tokens) {
      const bearer = { authorization: `Bearer ${token}` };
      for (let i = 0; i < 2; i++) {
        codes.push(codeIn(await post(rig, { label: 'a' }, 'k', '/v1/pixels', bearer)));
      }
    }
    assert.equal(codes[0], codes[1]);
    assert.equal(codes[2], codes[3]);
    assert.notEqual(codes[0], codes[2]);
  });

  test('is 1 to 255 visible ASCII characters, given once', async () => {
    const rig = apiRig();
    for (const key of ['!', '~'.repeat(255), '"quoted"', 'a,b']) {
      assert.equal((await one(rig, {}, key)).statusCode, 201, key);
    }
    for (const key of ['', ' ', 'a b', 'x'.repeat(256), 'é', 'a\tb']) {
      const reply = await one(rig, {}, key);
      assert.equal(reply.statusCode, 400, key);
      assert.equal(reply.json<Problem>().errors[0]?.parameter, 'idempotency-key');
    }
    const twice = await rig.app.inject({
      method: 'POST',
      url: '/v1/pixels',
      headers: { ...AUTHORIZED, 'idempotency-key': ['a', 'b'] },
    });
    assert.equal(twice.statusCode, 400);
  });

  test('says on the disk nothing of a recipient that is not kept', async () => {
    const rig = apiRig({ privacy: 'strict' });
    await one(rig, { recipient: 'ada@reader.example', label: 'a' }, 'k');
    const [note] = rig.notes;
    assert.ok(note?.kind === 'pixel-minted');
    assert.deepEqual(Object.keys(note.properties ?? {}).toSorted(), ['label', 'request']);
    // Another recipient, that is not kept either, is no other request: the digest knows none.
    assert.equal(isReplayed(await one(rig, { recipient: 'bob', label: 'a' }, 'k')), 'true');
  });

  test('waits for the store: one that is behind is a 503, and nothing is minted twice', async () => {
    const rig = apiRig();
    rig.world.caughtUp = false;
    assert.equal((await one(rig, {}, 'k')).statusCode, 503);
    assert.equal((await one(rig, {})).statusCode, 201);
    rig.world.caughtUp = true;
    assert.equal(isReplayed(await one(rig, {}, 'k')), 'false');
    assert.equal(rig.notes.length, 2);
  });
});
