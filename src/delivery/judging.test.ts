// What a load's hits are judged to be in their circumstances: who sent when, who asked for what a moment ago,
// whose look it was, and what the collector had to say because the facts are gone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hit, Note, PixelProperties, Recorded } from '../hit/event.ts';
import { CLASS_OF_REASON, type Judgement, type Verdict } from '../hit/verdict.ts';
import { judgingOf } from '../../test/judging.ts';

const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const THUNDERBIRD = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.0';
const GMAIL =
  'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)';
const NOON = 1_780_315_200_000_000;
const SECOND = 1_000_000;

let made = 0;
function hit(facts: Partial<Hit> = {}): Recorded<Hit> {
  made++;
  return {
    id: { writer: '00000000000000aa', segment: 1, position: made },
    event: {
      kind: 'open',
      at: NOON,
      code: 'AAAA',
      address: '192.0.2.1',
      referrer: null,
      agent: CHROME,
      purpose: null,
      ...facts,
    },
  };
}

function note(properties: PixelProperties, at = NOON - 60 * SECOND): Recorded<Note> {
  made++;
  const event: Note = { kind: 'pixel-changed', at, code: 'AAAA', properties };
  return { id: { writer: '00000000000000bb', segment: 1, position: made }, event };
}

interface Told {
  readonly sent?: Readonly<Record<string, number>>;
  readonly ignored?: readonly string[];
  readonly notes?: readonly Recorded<Note>[];
}

async function judge(hits: readonly Recorded<Hit>[], told: Told = {}): Promise<Judgement[]> {
  const sent = new Map(Object.entries(told.sent ?? {}));
  const sentTimes = (codes: readonly string[]): Promise<Map<string, number>> =>
    Promise.resolve(new Map([...sent].filter(([code]) => codes.includes(code))));
  const judging = judgingOf({ sentTimes }, told.ignored);
  const judged = await judging.judge(hits, told.notes ?? []);
  assert.deepEqual(
    judged.map(({ id, event }) => ({ id, event })),
    hits,
  );
  return judged.map(({ judgement }) => judgement);
}

const scan = (code: string, milliseconds: number): Recorded<Hit> =>
  hit({ code, at: NOON + milliseconds * 1_000 });

test('three pixels from one address within seconds of sending are a scanner from the third on', async () => {
  const sent = { A: NOON - SECOND, B: NOON - SECOND, C: NOON - SECOND };
  const classes = (await judge([scan('A', 0), scan('B', 500), scan('C', 900)], { sent })).map(
    ({ verdict }) => verdict.class,
  );
  assert.deepEqual(classes, ['human-browser', 'human-browser', 'security-scanner']);
});

test('haste alone, or many pixels alone, is a person’s', async () => {
  const [hasty] = await judge([hit({ code: 'A' })], { sent: { A: NOON - SECOND } });
  assert.equal(hasty?.verdict.class, 'human-browser');
  const many = await judge([scan('A', 0), scan('B', 1), scan('C', 2), scan('D', 3)]);
  assert.ok(many.every(({ verdict }) => verdict.class === 'human-browser'));
});

test('a time of sending in the same load counts, the last word of several, unless taken back', async () => {
  const late = [scan('A', 0), scan('B', 1), scan('AAAA', 2)];
  const third = async (told: Told): Promise<string | undefined> =>
    (await judge(late, { ...told, sent: { A: NOON, B: NOON, ...told.sent } }))[2]?.verdict.class;
  assert.equal(await third({ notes: [note({ sentAt: NOON - SECOND })] }), 'security-scanner');
  assert.equal(
    await third({ sent: { AAAA: NOON - SECOND }, notes: [note({ sentAt: null })] }),
    'human-browser',
  );
  const words = [note({ sentAt: NOON - SECOND }, NOON - 10), note({ sentAt: 1 }, NOON - 20)];
  assert.equal(await third({ notes: words }), 'security-scanner');
  assert.equal(await third({ notes: words.toReversed() }), 'security-scanner');
  assert.equal(
    await third({ notes: [note({ label: 'x' })], sent: { AAAA: NOON - SECOND } }),
    'security-scanner',
  );
});

test('codes of which nobody said when they were sent do not count among the three', async () => {
  const hasty = [scan('A', 0), scan('B', 1), scan('C', 2)];
  const [, , third] = await judge(hasty, { sent: { A: NOON, C: NOON } });
  assert.equal(third?.verdict.class, 'human-browser');
});

test('a time of sending in the future shows no haste', async () => {
  const sent = { A: NOON + SECOND, B: NOON + SECOND, C: NOON + SECOND };
  const judged = await judge([scan('A', 0), scan('B', 1), scan('C', 2)], { sent });
  assert.ok(judged.every(({ verdict }) => verdict.class === 'human-browser'));
});

test('a person is one viewer by address and agent, a proxy by its provider', async () => {
  const [a, again, elsewhere, otherwise, gmail, gmailFar] = await judge([
    hit(),
    hit({ at: NOON + 1, referrer: 'https://mail.example/' }),
    hit({ address: '192.0.2.2' }),
    hit({ agent: THUNDERBIRD }),
    hit({ agent: GMAIL, address: '66.249.84.1' }),
    hit({ agent: GMAIL, address: '66.249.84.2' }),
  ]);
  assert.match(a?.viewer ?? '', /^[0-9a-f]{16}$/);
  assert.equal(a?.viewer, again?.viewer);
  const viewers = [a, elsewhere, otherwise, gmail].map((one) => one?.viewer);
  assert.equal(new Set(viewers).size, 4);
  assert.equal(gmail?.viewer, gmailFar?.viewer);
});

test('looks from ignored addresses and from a browser that was told are own looks', async () => {
  const ignored = ['192.0.2.0/24', '2001:db8::/32'];
  const judged = await judge(
    [
      hit(),
      hit({ address: '2001:db8::7' }),
      hit({ address: '198.51.100.1' }),
      hit({ address: '198.51.100.1', ownBrowser: true }),
      hit({ address: '' }),
    ],
    { ignored },
  );
  assert.deepEqual(
    judged.map(({ own }) => own),
    ['address', 'address', null, 'browser', null],
  );
});

const PERSON: Verdict = {
  class: 'human-mail',
  reason: 'mail-client-token',
  client: 'Thunderbird',
  os: 'Linux',
  device: 'desktop',
  country: 'FR',
};

test('where the facts are gone the collector’s verdict stands, and its visitor is the viewer', async () => {
  assert.equal(CLASS_OF_REASON[PERSON.reason], PERSON.class);
  const withheld = {
    verdict: PERSON,
    visitor: '00ff00ff00ff00ff',
    ownAddress: true,
    mailSecurity: false,
  };
  const bare = { address: '', agent: null };
  const [told, nobody, other] = await judge([
    hit({ ...bare, withheld }),
    hit({ ...bare, withheld: { ...withheld, visitor: null, ownAddress: false } }),
    hit({
      ...bare,
      withheld: { ...withheld, visitor: null, verdict: { ...PERSON, client: 'Mutt' } },
    }),
  ]);
  assert.deepEqual(told, { verdict: PERSON, own: 'address', viewer: '00ff00ff00ff00ff' });
  assert.equal(nobody?.own, null);
  assert.notEqual(nobody?.viewer, other?.viewer);
});

test('a scanner is found by its visitor and network where the address is gone', async () => {
  const facts = (visitor: string | null): Partial<Hit> => ({
    address: '',
    agent: null,
    withheld: { verdict: PERSON, visitor, ownAddress: false, mailSecurity: false },
  });
  const of = (visitor: string | null) =>
    ['A', 'B', 'C'].map((code, i) => hit({ ...facts(visitor), code, at: NOON + i }));
  const sent = { A: NOON - SECOND, B: NOON - SECOND, C: NOON - SECOND };
  assert.equal(
    (await judge(of('00ff00ff00ff00ff'), { sent }))[2]?.verdict.class,
    'security-scanner',
  );
  assert.equal((await judge(of(null), { sent }))[2]?.verdict.class, 'human-mail');
  const gateway = { verdict: PERSON, visitor: null, ownAddress: false, mailSecurity: true };
  const [judged] = await judge([hit({ address: '', code: 'A', withheld: gateway })], { sent });
  assert.equal(judged?.verdict.reason, 'scanner-behaviour');
});

test('judging the same load again gives the same', async () => {
  const sentTimes = (): Promise<Map<string, number>> =>
    Promise.resolve(
      new Map([
        ['A', NOON],
        ['B', NOON],
        ['C', NOON],
      ]),
    );
  const judging = judgingOf({ sentTimes });
  const hits = [scan('A', 0), scan('B', 1), scan('C', 2)];
  const first = await judging.judge(hits, []);
  assert.equal(first[2]?.judgement.verdict.class, 'security-scanner');
  assert.deepEqual(await judging.judge(hits, []), first);
});

test('hits of several journals are judged in the order of time, and given back in their own', async () => {
  const sent = { A: NOON, B: NOON, C: NOON };
  const classes = (await judge([scan('C', 2), scan('A', 0), scan('B', 1)], { sent })).map(
    ({ verdict }) => verdict.class,
  );
  assert.deepEqual(classes, ['security-scanner', 'human-browser', 'human-browser']);
});

test('what the load before said of a pixel holds, though the store has it not yet', async () => {
  const sent = new Map([
    ['B', NOON],
    ['C', NOON],
  ]);
  const judging = judgingOf({ sentTimes: () => Promise.resolve(sent) });
  const hasty = [scan('AAAA', 0), scan('B', 1), scan('C', 2), scan('AAAA', 3)];
  await judging.judge([], [note({ sentAt: NOON - SECOND })]);
  const judged = await judging.judge(hasty, []);
  assert.equal(judged.at(-1)?.judgement.verdict.class, 'security-scanner');
});
