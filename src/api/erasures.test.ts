// What may be asked for by the routes of erasure and export, and what they answer.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { apiRig, AUTHORIZED, type Rig, someOpens } from '../../test/api-rig.ts';
import { ErasureJobs } from '../delivery/erasure-job.ts';
import type { ErasureSubject } from '../delivery/erasure-subject.ts';

let dir: string;
let jobs: ErasureJobs;
let rig: Rig;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'truepixel-api-erasures-'));
  jobs = new ErasureJobs(dir);
  const find = async (id: string) => {
    const job = await jobs.read(id);
    return job && { job, obstacle: job.doneAt === null ? 'the disk is full' : null };
  };
  rig = apiRig({}, { erasures: { ask: (subject: ErasureSubject) => jobs.create(subject), find } });
});

after(async () => {
  await rig.app.close();
  await rm(dir, { recursive: true });
});

const post = async (url: string, payload: object, headers = AUTHORIZED) =>
  await rig.app.inject({ method: 'POST', url, headers, payload });

describe('an erasure', () => {
  test('is accepted with the place of its report, and says whom it is about to nobody', async () => {
    const asked = await post('/v1/erasures', { address: '::ffff:192.0.2.9' });
    assert.equal(asked.statusCode, 202);
    const { id, state, of } = asked.json<Record<string, string>>();
    assert.deepEqual([state, of], ['open', 'address']);
    assert.deepEqual((await jobs.read(id ?? ''))?.subject, { address: '192.0.2.9' });
    assert.equal(asked.headers.location, `/v1/erasures/${id}`);
    const found = await rig.app.inject({ url: `/v1/erasures/${id}`, headers: AUTHORIZED });
    assert.equal(found.json<{ obstacle: string }>().obstacle, 'the disk is full');
    assert.ok(!found.body.includes('192.0.2.9'));
  });

  const wrong: readonly [string, object][] = [
    ['of nothing', {}],
    ['of two things', { pixel: 'A', recipient: 'b' }],
    ['of an address that is none', { address: '300.1.1.1' }],
    ['of an empty recipient', { recipient: '' }],
    ['of a code that is too long', { pixel: 'x'.repeat(65) }],
    ['of something else', { campaign: 'spring' }],
    ['of a list', { pixel: ['A'] }],
  ];
  for (const [what, body] of wrong) {
    test(`${what} is refused, and leaves no job`, async () => {
      const before = await jobs.ids();
      const refused = await post('/v1/erasures', body);
      assert.equal(refused.statusCode, 400, refused.body);
      assert.match(String(refused.headers['content-type']), /problem\+json/);
      assert.deepEqual(await jobs.ids(), before);
    });
  }

  test('of a pixel begins by deleting it, of one that is known', async () => {
    await rig.store.load({ hits: someOpens('unminted', 1), notes: [], progress: '' });
    const minted = await post('/v1/pixels', { label: 'a' });
    const remove = (code: string, headers: typeof AUTHORIZED | object = AUTHORIZED) =>
      rig.app.inject({ method: 'DELETE', url: `/v1/pixels/${code}`, headers: { ...headers } });
    for (const code of [minted.json<{ code: string }>().code, 'unminted']) {
      const deleted = await remove(code);
      assert.equal(deleted.statusCode, 202, deleted.body);
      const { id, of } = deleted.json<{ id: string; of: string }>();
      assert.equal(of, 'pixel');
      assert.equal(deleted.headers.location, `/v1/erasures/${id}`);
      assert.deepEqual((await jobs.read(id))?.subject, { pixel: code });
      assert.equal((await remove(code, {})).statusCode, 401);
      await rig.store.erasePixel(code);
    }
    const before = await jobs.ids();
    for (const code of ['unminted', 'unknown', '%00', 'x'.repeat(65)]) {
      assert.equal((await remove(code)).statusCode, 404);
    }
    assert.deepEqual(await jobs.ids(), before);
  });

  test('that nobody asked for is 404, and nothing goes without the token', async () => {
    for (const id of ['0123456789abcdef', '..%2F..%2Fsecrets', 'x']) {
      const { statusCode } = await rig.app.inject({
        url: `/v1/erasures/${id}`,
        headers: AUTHORIZED,
      });
      assert.equal(statusCode, 404);
    }
    const nobody = { authorization: 'Bearer wrong' };
    assert.equal((await post('/v1/erasures', { pixel: 'A' }, nobody)).statusCode, 401);
    assert.equal((await post('/v1/recipients/export', { recipient: 'a' }, nobody)).statusCode, 401);
  });
});

test('an export has each pixel of the recipient, each of its hits, and an end', async () => {
  const id = (position: number) => ({ writer: '00000000000000dd', segment: 1, position });
  const properties = { recipient: 'ana', label: 'spring' };
  const minted = { kind: 'pixel-minted' as const, at: 1, code: 'ANA', properties };
  const hits = [
    ...someOpens('ANA', 2_500, { purpose: 'prefetch;anonymous-client-ip' }),
    ...someOpens('BOB', 3).map((hit, i) => ({ ...hit, id: id(i) })),
  ];
  await rig.store.load({ hits, notes: [{ id: id(99), event: minted }], progress: 'x' });
  const answer = await post('/v1/recipients/export', { recipient: 'ana' });
  assert.equal(answer.headers['content-type'], 'application/x-ndjson');
  const lines = answer.body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(lines[0], { recipient: 'ana', pixels: 1 });
  assert.deepEqual([lines[1].pixel, lines[1].label], ['ANA', 'spring']);
  const ids = new Set(lines.slice(2, -1).map(({ hit }) => hit.id));
  assert.equal(ids.size, 2_500);
  assert.ok(lines.slice(2, -1).every(({ hit }) => hit.uri === 'ANA' && hit.class !== undefined));
  assert.equal(lines[2].hit.purpose, 'prefetch;anonymous-client-ip');
  assert.deepEqual(lines.at(-1), { end: true, hits: 2_500 });
  const nobody = await post('/v1/recipients/export', { recipient: 'Ana' });
  assert.equal(nobody.body, '{"recipient":"Ana","pixels":0}\n{"end":true,"hits":0}\n');
});
