// Minting pixels, one or thousands in a request. What is answered is durable; what could not be kept whole is
// a 503 that promises nothing, and a retry under the same Idempotency-Key completes it.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { PixelMode } from '../config/config.ts';
import { nowMicros } from '../hit/clock.ts';
import type { PixelMinted, PixelProperties } from '../hit/event.ts';
import { BATCH_BODY_BYTES_MAX, BATCH_PIXELS_MAX, PROPERTIES_BODY_BYTES_MAX } from '../limits.ts';
import type { Pixel } from '../store/store.ts';
import type { About } from './about.ts';
import { catchUp } from './catch-up.ts';
import type { Guard } from './guard.ts';
import {
  digestOf,
  IDEMPOTENCY_KEY,
  type KeyedRequest,
  KeyHeaders,
  REPLAYED,
  seedOf,
} from './idempotency.ts';
import type { ApiParts } from './parts.ts';
import { PixelAnswer, pixelAnswer } from './pixel-answer.ts';
import { keptProperties, ListedPropertiesBody, PropertiesBody } from './properties.ts';
import { demandKept, Refusal } from './refusal.ts';
import { type Api, NoQuery } from './schema.ts';
import { Turns } from './turns.ts';

const KEYED =
  'With an `Idempotency-Key` a retry gets the same pixels, also after a crash in between.';
const KEY_REFUSED = {
  409: 'A pixel that was minted under this `Idempotency-Key` was erased since; it does not come back.',
  422: 'Something else was asked for under this `Idempotency-Key` before.',
};
const REPLAYED_MEANS = '`true` when all of it was minted by an earlier request, else `false`.';

const MINT: About = {
  id: 'mintPixel',
  tag: 'Pixels',
  summary: 'Mint a pixel',
  description: `Durable when it is answered. Every field may be left out, and so may the body. ${KEYED}`,
  returns: 'The pixel, with its image’s URL and the HTML to paste.',
  headers: { location: 'Where the pixel is.', [REPLAYED]: REPLAYED_MEANS },
  refuses: KEY_REFUSED,
};
const MINT_MANY: About = {
  id: 'mintPixels',
  tag: 'Pixels',
  summary: `Mint up to ${BATCH_PIXELS_MAX} pixels`,
  description: `All of them are durable when it is answered. ${KEYED}`,
  returns: 'The pixels, in the order in which they were asked for.',
  headers: { [REPLAYED]: REPLAYED_MEANS },
  refuses: {
    ...KEY_REFUSED,
    503: 'Not all of them could be kept. Some may be there; a retry under the same key completes them.',
  },
};

const BatchBody = z.strictObject(
  {
    pixels: z
      .array(ListedPropertiesBody, 'must be a list')
      .min(1, 'must hold a pixel')
      .max(BATCH_PIXELS_MAX, `must hold at most ${BATCH_PIXELS_MAX}`),
  },
  'must be a JSON object',
);

type Parts = Pick<
  ApiParts,
  'config' | 'store' | 'codes' | 'codeSecret' | 'keepAll' | 'barrier' | 'behind'
>;

interface Minted {
  readonly pixels: readonly Pixel[];
  readonly isReplayed: boolean;
}

export function serveMinting(app: Api, parts: Parts, guard: Pick<Guard, 'identify'>): void {
  const mint = minting(parts);
  const keyed = (request: FastifyRequest): KeyedRequest | null => {
    const key = request.headers[IDEMPOTENCY_KEY];
    if (typeof key !== 'string') return null;
    return { key, caller: guard.identify(request).tokenId ?? '' };
  };
  app.post(
    '/v1/pixels',
    {
      config: { scope: 'mint' },
      bodyLimit: PROPERTIES_BODY_BYTES_MAX,
      schema: {
        about: MINT,
        headers: KeyHeaders,
        body: PropertiesBody,
        querystring: NoQuery,
        response: { 201: PixelAnswer },
      },
    },
    async (request, reply) => {
      const minted = await mint('one', [request.body], keyed(request));
      const [pixel] = answers(parts, minted, reply);
      if (pixel === undefined) throw new Error('one pixel was asked for, and none was minted');
      return reply.header('location', `/v1/pixels/${pixel.code}`).send(pixel);
    },
  );

  app.post(
    '/v1/pixels/batch',
    {
      config: { scope: 'mint' },
      bodyLimit: BATCH_BODY_BYTES_MAX,
      schema: {
        about: MINT_MANY,
        headers: KeyHeaders,
        body: BatchBody,
        querystring: NoQuery,
        response: { 201: z.object({ pixels: z.array(PixelAnswer) }) },
      },
    },
    async (request, reply) => {
      const minted = await mint('list', request.body.pixels, keyed(request));
      return reply.send({ pixels: answers(parts, minted, reply) });
    },
  );
}

function answers(parts: Parts, { pixels, isReplayed }: Minted, reply: FastifyReply) {
  void reply.code(201).header(REPLAYED, String(isReplayed));
  return pixels.map((pixel) => pixelAnswer(parts, pixel));
}

/** Those of one key take turns: the second finds what the first has minted. */
function minting(parts: Parts) {
  const turns = new Turns();
  return async (
    form: 'one' | 'list',
    asked: readonly PixelProperties[],
    request: KeyedRequest | null,
  ): Promise<Minted> => {
    const { codes, codeSecret, config } = parts;
    const kept = asked.map((said) => withoutNulls(keptProperties(said, said.mode ?? null, config)));
    if (request === null) {
      const wanted = kept.map((said) => ({ code: codes.mint(said.mode ?? null), said }));
      return { pixels: await keepPixels(parts, wanted), isReplayed: false };
    }
    const digest = digestOf(codeSecret, form, kept);
    return await turns.take(seedOf(request, 0), () => mintOnce(parts, kept, request, digest));
  };
}

/** Throws 409 when one of them was erased, and 422 when something else was asked for under this key. */
async function mintOnce(
  parts: Parts,
  kept: readonly PixelProperties[],
  request: KeyedRequest,
  digest: string,
): Promise<Minted> {
  const { codes, store } = parts;
  const wanted = kept.map((said, place) => ({
    code: codes.derive(seedOf(request, place), said.mode ?? null),
    said: { ...said, request: digest },
  }));
  // A code says its mode: had the first pixel been asked for with another one, it would have another code.
  const first = MODES.map((mode) => codes.derive(seedOf(request, 0), mode));
  const possible = [...new Set([...first, ...wanted.map(({ code }) => code)])];
  await catchUp(parts);
  if ((await store.erasedOf(possible)).size > 0) {
    throw new Refusal(409, 'a pixel that was minted under this Idempotency-Key was erased since');
  }
  const known = await store.pixelsByCode(possible);
  for (const { properties } of known.values()) {
    if (properties.request === digest) continue;
    throw new Refusal(422, 'something else was asked for under this Idempotency-Key before');
  }
  const missing = wanted.filter(({ code }) => !known.has(code));
  const minted = await keepPixels(parts, missing);
  const all = new Map([...known, ...minted.map((pixel) => [pixel.code, pixel] as const)]);
  return {
    pixels: wanted.flatMap(({ code }) => all.get(code) ?? []),
    isReplayed: missing.length === 0,
  };
}

const MODES: readonly (PixelMode | null)[] = [null, 'individual', 'aggregate', 'off'];

interface Wanted {
  readonly code: string;
  readonly said: PixelProperties;
}

/** Durable when this resolves, and in the store a moment later. Throws 503 when not all could be kept. */
async function keepPixels(parts: Parts, wanted: readonly Wanted[]): Promise<readonly Pixel[]> {
  const at = nowMicros();
  const notes = wanted.map(({ code, said }): PixelMinted => {
    const properties = Object.keys(said).length === 0 ? {} : { properties: said };
    return { kind: 'pixel-minted', at, code, ...properties };
  });
  if (notes.length > 0) demandKept(await parts.keepAll(notes), 'a pixel');
  return wanted.map(({ code, said }) => ({ code, createdAt: at, properties: said }));
}

function withoutNulls(properties: PixelProperties): PixelProperties {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== null));
}
