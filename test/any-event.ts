// Every kind of event with whatever can stand in it, for what must bring events from one place to another
// unchanged.

import fc from 'fast-check';
import type { Event, EventId, PixelProperties, Withheld } from '../src/hit/event.ts';
import { CLASS_OF_REASON, DEVICES, type Reason, type Verdict } from '../src/hit/verdict.ts';

const record = <T>(
  model: { [K in keyof T]-?: fc.Arbitrary<Exclude<T[K], undefined>> },
  requiredKeys?: readonly (keyof T)[],
): fc.Arbitrary<T> =>
  fc.record(model, {
    noNullPrototype: true,
    ...(requiredKeys === undefined ? {} : { requiredKeys: [...requiredKeys] }),
  }) as fc.Arbitrary<T>;

export const anyId: fc.Arbitrary<EventId> = record<EventId>({
  writer: fc.stringMatching(/^[0-9a-f]{16}$/),
  segment: fc.integer({ min: 0, max: 4_294_967_295 }),
  position: fc.integer({ min: 0, max: 4_294_967_295 }),
});

const at = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const code = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
const word = fc.option(fc.stringMatching(/^[A-Za-z0-9 .+-]{1,20}$/));

const anyVerdict: fc.Arbitrary<Verdict> = record<Omit<Verdict, 'class'>>({
  reason: fc.constantFrom(...(Object.keys(CLASS_OF_REASON) as Reason[])),
  client: word,
  os: word,
  device: fc.option(fc.constantFrom(...DEVICES)),
  country: fc.option(fc.stringMatching(/^[A-Z]{2}$/)),
}).map((rest) => ({ class: CLASS_OF_REASON[rest.reason], ...rest }));

const anyWithheld: fc.Arbitrary<Withheld> = record<Withheld>({
  verdict: anyVerdict,
  visitor: fc.option(fc.stringMatching(/^[0-9a-f]{16}$/)),
  ownAddress: fc.boolean(),
  mailSecurity: fc.boolean(),
});

const said = fc.option(fc.string({ unit: 'binary', maxLength: 30 }));
const anyProperties: fc.Arbitrary<PixelProperties> = record<PixelProperties>(
  {
    mode: fc.option(fc.constantFrom('individual', 'aggregate', 'off')),
    sentAt: fc.option(at),
    recipient: said,
    label: said,
    campaign: said,
    metadata: said,
    request: said,
  },
  [],
);

/** `text` stands for what a client sends; it fits the fields of a record. */
export function anyEvent(text: fc.Arbitrary<string | null>): fc.Arbitrary<Event> {
  return fc.oneof(
    { weight: 4, arbitrary: anyHit(text) },
    record<Extract<Event, { kind: 'pixel-minted' }>>(
      { kind: fc.constant('pixel-minted'), at, code, properties: anyProperties },
      ['kind', 'at', 'code'],
    ),
    record<Extract<Event, { kind: 'pixel-changed' }>>({
      kind: fc.constant('pixel-changed'),
      at,
      code,
      properties: anyProperties,
    }),
    record<Extract<Event, { kind: 'pixel-erased' }>>({
      kind: fc.constant('pixel-erased'),
      at,
      code: fc.constant(null),
      digest: fc.stringMatching(/^[0-9a-f]{40}$/),
    }),
    record<Extract<Event, { kind: 'hit-claimed' }>>({
      kind: fc.constant('hit-claimed'),
      at,
      code: fc.option(code),
      hit: anyId,
      hitAt: at,
      own: fc.boolean(),
    }),
  );
}

function anyHit(text: fc.Arbitrary<string | null>): fc.Arbitrary<Event> {
  const facts = {
    at,
    address: fc.constantFrom('', '10.0.0.1', '2001:db8::1', '2001:db8:1::', '198.51.100.0'),
    referrer: text,
    agent: text,
    purpose: fc.option(fc.constantFrom('prefetch', 'preview')),
    withheld: anyWithheld,
    ownBrowser: fc.constant(true as const),
  };
  const always = ['kind', 'at', 'code', 'address', 'referrer', 'agent', 'purpose'] as const;
  return fc.oneof(
    record<Extract<Event, { kind: 'open' | 'visit' }>>(
      { kind: fc.constant('open' as const), code, ...facts },
      always,
    ),
    record<Extract<Event, { kind: 'open' | 'visit' }>>(
      { kind: fc.constant('visit' as const), code: fc.constant(null), ...facts },
      always,
    ),
  );
}
