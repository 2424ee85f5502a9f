// Somebody's word on a hit: what it changes, that it is kept, and what it cannot be said of.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { apiRig, AUTHORIZED, type Rig, someOpens } from '../../test/api-rig.ts';
import { formatEventId } from '../hit/event.ts';
import type { OwnSign } from '../hit/verdict.ts';
import { StoreError } from '../store/store.ts';

const CODE = 'Abcdefghijk12345';

interface InfoBody {
  timeseries_data: { id: string; own: string | null }[];
  counts: Record<string, number>;
}

async function loaded(own: OwnSign | null = null): Promise<{ rig: Rig; ids: string[] }> {
  const rig = apiRig();
  const hits = someOpens(CODE, 3, {}, { own });
  await rig.store.load({ hits, notes: [], progress: '1' });
  return { rig, ids: hits.map(({ id }) => formatEventId(id)) };
}

async function say({ app }: Rig, id: string | undefined, payload: object, code = CODE) {
  const url = `/v1/pixels/${code}/hits/${id}/verdict`;
  return await app.inject({ method: 'POST', url, headers: AUTHORIZED, payload });
}

async function info({ app }: Rig): Promise<InfoBody> {
  const reply = await app.inject({ url: `/v1/api/info/${CODE}`, headers: AUTHORIZED });
  return reply.json<InfoBody>();
}

describe('that was me', () => {
  test('the hit is answered as info shows it, is not counted any more, and stays where it is', async () => {
    const { rig, ids } = await loaded();
    const before = await info(rig);
    assert.deepEqual([before.counts['opens'], before.counts['ignored']], [3, 0]);
    const reply = await say(rig, ids[1], { own: true });
    assert.equal(reply.statusCode, 200);
    const after = await info(rig);
    assert.deepEqual(reply.json(), after.timeseries_data[1]);
    assert.deepEqual(
      after.timeseries_data.map(({ id, own }) => [id, own]),
      [
        [ids[0], null],
        [ids[1], 'claimed'],
        [ids[2], null],
      ],
    );
    assert.deepEqual([after.counts['hits'], after.counts['opens']], [3, 2]);
    assert.deepEqual([after.counts['unique_opens'], after.counts['ignored']], [2, 1]);
  });

  test('the journal has the word with the time of its hit', async () => {
    const { rig, ids } = await loaded();
    const [, , last] = someOpens(CODE, 3);
    await say(rig, ids[2], { own: false });
    const { at, ...note } = rig.notes[0] ?? assert.fail();
    assert.ok(Math.abs(at / 1000 - Date.now()) < 60_000);
    assert.deepEqual(note, {
      kind: 'hit-claimed',
      code: CODE,
      hit: last?.id,
      hitAt: last?.event.at,
      own: false,
    });
  });

  test('that was not me outweighs an address of ours, and the last word counts', async () => {
    const { rig, ids } = await loaded('address');
    assert.equal((await info(rig)).counts['ignored'], 3);
    const no = await say(rig, ids[0], { own: false });
    assert.equal(no.json<{ own: string }>().own, 'disclaimed');
    assert.equal((await info(rig)).counts['opens'], 1);
    const yes = await say(rig, ids[0], { own: true });
    assert.equal(yes.json<{ own: string }>().own, 'claimed');
    assert.equal((await info(rig)).counts['opens'], 0);
  });

  test('a hit that is not there, is of another pixel, or cannot be, is 404 and nothing is kept', async () => {
    const { rig, ids } = await loaded();
    const unknown = '00000000000000aa-9-16';
    const cases: [string | undefined, string][] = [
      [unknown, CODE],
      [ids[0], 'AAAAAAAAAAAAAAAA'],
      [ids[0], '%00'],
      ['nonsense', CODE],
      ['%27%20OR%201=1', CODE],
      ['00000000000000aa-99999999999-16', CODE],
    ];
    for (const [id, code] of cases) {
      const reply = await say(rig, id, { own: true }, code);
      assert.equal(reply.statusCode, 404, `${id} ${code}`);
      assert.equal(reply.headers['content-type'], 'application/problem+json');
    }
    assert.equal(rig.notes.length, 0);
  });

  test('anything but true or false is a 400 that names own, and more is not known', async () => {
    const { rig, ids } = await loaded();
    for (const [body, parameter] of [
      [{}, 'own'],
      [{ own: null }, 'own'],
      [{ own: 'true' }, 'own'],
      [{ own: 1 }, 'own'],
      [{ own: true, class: 'human-mail' }, 'class'],
      [[], 'body'],
    ] as const) {
      const reply = await say(rig, ids[0], body);
      assert.equal(reply.statusCode, 400);
      const { errors } = reply.json<{ errors: { parameter: string }[] }>();
      assert.deepEqual(
        errors.map((error) => error.parameter),
        [parameter],
      );
    }
    assert.equal(rig.notes.length, 0);
  });

  test('strangers get 401; journal, store and barrier that fail are 503', async () => {
    const { rig, ids } = await loaded();
    const url = `/v1/pixels/${CODE}/hits/${ids[0]}/verdict`;
    const stranger = await rig.app.inject({ method: 'POST', url, payload: { own: true } });
    assert.equal(stranger.statusCode, 401);
    rig.world.journal = 'refused';
    const refused = await say(rig, ids[0], { own: true });
    rig.world.caughtUp = false;
    const behind = await say(rig, ids[0], { own: true });
    rig.world.caughtUp = true;
    rig.store.failure = new StoreError('secret path', true);
    const failing = await say(rig, ids[0], { own: true });
    for (const reply of [refused, behind, failing]) {
      assert.equal(reply.statusCode, 503);
      assert.equal(reply.headers['retry-after'], '1');
      assert.doesNotMatch(reply.body, /secret/);
    }
    assert.equal(rig.notes.length, 0);
  });
});
