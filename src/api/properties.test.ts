// What callers may say about a pixel and what they may not, whether they mint with it or change to it.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { apiRig, AUTHORIZED, type Rig } from '../../test/api-rig.ts';
import { encodeEvent, RecordEncoder } from '../hit/encoding.ts';
import { METADATA_BYTES_MAX, PROPERTIES_BODY_BYTES_MAX, PROPERTY_BYTES_MAX } from '../limits.ts';

interface Body {
  code: string;
  recipient: string | null;
  label: string | null;
  metadata: unknown;
}

interface ProblemBody {
  errors: { parameter: string; detail: string }[];
}

async function post({ app }: Rig, payload: object, url = '/v1/pixels') {
  return await app.inject({ method: 'POST', url, headers: AUTHORIZED, payload });
}

async function minted(rig: Rig): Promise<string> {
  return (await post(rig, {})).json<Body>().code;
}

const yearAhead = new Date(Date.now() + 367 * 86_400_000).toISOString();
const nested = `{"metadata": {"a": ${'['.repeat(12_000)}${']'.repeat(12_000)}}}`;
/** A text is a body as it stands. */
const WRONG: readonly [string, unknown, string][] = [
  ['a field that is not known', { color: 'red' }, 'color'],
  ['the key of a prototype', JSON.parse('{"constructor": 1}'), 'constructor'],
  ['a mode that there is not', { mode: 'anonymous' }, 'mode'],
  ['a mode of another type', { mode: ['off'] }, 'mode'],
  ['a time without offset', { sent_at: '2026-11-21T08:15:30' }, 'sent_at'],
  ['a time without seconds', { sent_at: '2026-11-21T08:15Z' }, 'sent_at'],
  ['a number for a time', { sent_at: 1_780_272_000 }, 'sent_at'],
  ['a day that there is not', { sent_at: '2026-02-30T08:15:30Z' }, 'sent_at'],
  ['a time before 1970', { sent_at: '1969-12-31T23:59:59Z' }, 'sent_at'],
  ['the year 0', { sent_at: '0000-01-01T00:00:00Z' }, 'sent_at'],
  ['a time more than a year ahead', { sent_at: yearAhead }, 'sent_at'],
  ['an empty recipient', { recipient: '' }, 'recipient'],
  ['a recipient of another type', { recipient: 7 }, 'recipient'],
  ['a recipient with a line break', { recipient: 'a\r\nb' }, 'recipient'],
  ['a recipient with a byte order mark', { recipient: '\ufeffada@reader.example' }, 'recipient'],
  ['a recipient with half a surrogate', { recipient: 'a\ud800' }, 'recipient'],
  ['a label that is too long', { label: 'x'.repeat(PROPERTY_BYTES_MAX + 1) }, 'label'],
  ['a label that is too long in UTF-8', { label: '€'.repeat(PROPERTY_BYTES_MAX / 2) }, 'label'],
  ['a campaign that is too long', { campaign: 'x'.repeat(9_000) }, 'campaign'],
  ['metadata that is an array', { metadata: [1] }, 'metadata'],
  ['metadata that is text', { metadata: '{}' }, 'metadata'],
  ['metadata that is too long', { metadata: { a: 'x'.repeat(METADATA_BYTES_MAX) } }, 'metadata'],
  ['metadata that is nested too deeply', nested, 'metadata'],
  ['an array', [{ mode: 'off' }], 'body'],
  ['text', '"individual"', 'body'],
];

describe('what is refused', () => {
  for (const [name, body, parameter] of WRONG) {
    test(`${name} is a 400 that names ${parameter}, and nothing is kept`, async () => {
      const rig = apiRig();
      const code = await minted(rig);
      const payload = typeof body === 'string' ? body : JSON.stringify(body);
      const headers = { ...AUTHORIZED, 'content-type': 'application/json' };
      for (const [method, url] of [
        ['POST', '/v1/pixels'],
        ['PATCH', `/v1/pixels/${code}`],
      ] as const) {
        const reply = await rig.app.inject({ method, url, headers, payload });
        assert.equal(reply.statusCode, 400, reply.body);
        assert.equal(reply.headers['content-type'], 'application/problem+json');
        const named = reply.json<ProblemBody>().errors.map((error) => error.parameter);
        assert.deepEqual([...new Set(named)], [parameter]);
      }
      assert.equal(rig.notes.length, 1);
    });
  }

  test('a body over the bound, a parameter in the query, and a change of nothing', async () => {
    const rig = apiRig();
    const code = await minted(rig);
    const large = { label: 'x'.repeat(PROPERTIES_BODY_BYTES_MAX) };
    assert.equal((await post(rig, large)).statusCode, 413);
    const query = await post(rig, {}, '/v1/pixels?mode=off');
    assert.equal(query.statusCode, 400);
    assert.equal(query.json<ProblemBody>().errors[0]?.parameter, 'mode');
    const nothing = await rig.app.inject({
      method: 'PATCH',
      url: `/v1/pixels/${code}`,
      headers: AUTHORIZED,
      payload: {},
    });
    assert.equal(nothing.statusCode, 400);
    assert.deepEqual(nothing.json<ProblemBody>().errors, [
      { parameter: 'body', detail: 'must name a property' },
    ]);
    assert.equal(rig.notes.length, 1);
  });

  test('whatever the API takes fits into a record of the journal, and comes back as it was', async () => {
    const rig = apiRig();
    const encoder = new RecordEncoder();
    const unit = fc.constantFrom('"', '\\', '€', '🦊', 'a', '\u2028', ' ');
    const text = fc.string({ unit, minLength: 1, maxLength: PROPERTY_BYTES_MAX });
    const fitting = text.filter((each) => Buffer.byteLength(each) <= PROPERTY_BYTES_MAX);
    const metadata = fc
      .dictionary(text, fc.jsonValue(), { maxKeys: 9, noNullPrototype: true })
      .filter((each) => Buffer.byteLength(JSON.stringify(each)) <= METADATA_BYTES_MAX)
      .filter((each) => !Object.hasOwn(each, '__proto__'));
    await fc.assert(
      fc.asyncProperty(fitting, fitting, metadata, async (recipient, label, data) => {
        const said = { recipient, label, campaign: label, metadata: data };
        const reply = await post(rig, said);
        assert.equal(reply.statusCode, 201, reply.body);
        const note = rig.notes.at(-1);
        assert.ok(note);
        encodeEvent(encoder, note);
        const url = `/v1/pixels/${reply.json<Body>().code}`;
        const shown = (await rig.app.inject({ url, headers: AUTHORIZED })).json<Body>();
        assert.deepEqual(
          [shown.recipient, shown.label, shown.metadata],
          [recipient, label, JSON.parse(JSON.stringify(data))],
        );
      }),
      { seed: 20_261_122, numRuns: 200 },
    );
    const worst = '"'.repeat(PROPERTY_BYTES_MAX);
    const full = { a: '"'.repeat((METADATA_BYTES_MAX - 8) / 2) };
    const said = { recipient: worst, label: worst, campaign: worst, metadata: full };
    assert.equal((await post(rig, said)).statusCode, 201);
    encodeEvent(encoder, rig.notes.at(-1) ?? assert.fail());
  });
});
