// One pixel with what is said about it: reading it, changing it, erasing it. A change is durable before it is
// answered, and collectors of the same DATA_DIR honour it within two seconds, also for mail already sent.

import { z } from 'zod';
import { nowMicros } from '../hit/clock.ts';
import type { PixelProperties } from '../hit/event.ts';
import { PROPERTIES_BODY_BYTES_MAX } from '../limits.ts';
import type { ListedPixel } from '../store/listing.ts';
import type { Pixel } from '../store/store.ts';
import type { About } from './about.ts';
import { catchUp } from './catch-up.ts';
import { ErasureAnswer, erasureAnswer, ERASURES } from './erasures.ts';
import type { ApiParts } from './parts.ts';
import { CodeText, demandPossible, ownMode, unknownPixel } from './pixel.ts';
import { ListedPixelAnswer, listedPixelAnswer, PixelAnswer, pixelAnswer } from './pixel-answer.ts';
import { ChangesBody, keptProperties } from './properties.ts';
import { demandKept, Refusal, refuseFullDisk } from './refusal.ts';
import { type Api, NoBody, NoQuery } from './schema.ts';
import { Turns } from './turns.ts';

const Params = z.object({ code: CodeText });

const READ: About = {
  id: 'readPixel',
  tag: 'Pixels',
  summary: 'Read a pixel',
  returns: 'The pixel, and how often it was looked at.',
  refuses: { 404: 'No pixel has this code.' },
};
const CHANGE: About = {
  id: 'changePixel',
  tag: 'Pixels',
  summary: 'Change what is said of a pixel',
  description:
    'What is left out stays, `null` takes it back. Durable when it is answered, and honoured by collectors ' +
    'of the same `DATA_DIR` within two seconds, also for mail that was sent long ago.',
  returns: 'The pixel as it is now.',
  refuses: {
    404: 'No pixel has this code.',
    409: 'It has another recipient, by whom its hits are found; or a later word is known already.',
  },
};

const ERASE: About = {
  id: 'erasePixel',
  tag: 'Pixels',
  summary: 'Erase a pixel and its hits, for good',
  description:
    'An erasure, as `POST /v1/erasures` with this pixel begins it. Its image is served as before.',
  returns: 'The erasure, which has begun and survives a restart.',
  headers: { location: 'Where its report is.' },
  refuses: { 404: 'No pixel has this code, or it was erased before.' },
};

type Parts = Pick<
  ApiParts,
  'config' | 'store' | 'codes' | 'keep' | 'erasures' | 'barrier' | 'behind'
>;

export function servePixels(app: Api, parts: Parts): void {
  const turns = new Turns();
  app.get(
    '/v1/pixels/:code',
    {
      config: { scope: 'read' },
      schema: {
        about: READ,
        params: Params,
        querystring: NoQuery,
        response: { 200: ListedPixelAnswer },
      },
    },
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express cannot; Fastify awaits its handlers
    async ({ params: { code } }) => listedPixelAnswer(parts, await listed(parts, code)),
  );

  app.patch(
    '/v1/pixels/:code',
    {
      config: { scope: 'mint' },
      bodyLimit: PROPERTIES_BODY_BYTES_MAX,
      schema: {
        about: CHANGE,
        params: Params,
        body: ChangesBody,
        querystring: NoQuery,
        response: { 200: PixelAnswer },
      },
    },
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express cannot; Fastify awaits its handlers
    async (request) => {
      const { code } = request.params;
      const pixel = await turns.take(code, () => change(parts, code, request.body));
      return pixelAnswer(parts, pixel);
    },
  );

  app.delete(
    '/v1/pixels/:code',
    {
      config: { scope: 'admin' },
      schema: {
        about: ERASE,
        params: Params,
        querystring: NoQuery,
        body: NoBody,
        response: { 202: ErasureAnswer },
      },
    },
    async ({ params: { code } }, reply) => {
      await demandKnown(parts, code);
      const job = await parts.erasures
        .ask({ pixel: code })
        .catch(refuseFullDisk('what was asked for'));
      return reply
        .code(202)
        .header('location', `${ERASURES}/${job.id}`)
        .send(erasureAnswer(job, null));
    },
  );
}

async function listed(parts: Parts, code: string): Promise<ListedPixel> {
  const pixel = await pixelNow(parts, code);
  const { store, config } = parts;
  const [last] = (await store.pixelHits({ code, limit: 1, before: null })).hits;
  const counts = await store.counts(code, config.repeatSeconds);
  return { pixel, counts, lastHitAt: last?.event.at ?? null };
}

/** What holds afterwards. Without others in between: what may be said of a recipient depends on before. */
async function change(parts: Parts, code: string, asked: PixelProperties): Promise<Pixel> {
  const { codes, config } = parts;
  const before = await pixelNow(parts, code);
  const news = withModeOf(codes, code, withRecipientOf(before, asked));
  const mode = ownMode(codes, code, { ...before.properties, ...news });
  const properties = keptProperties(news, mode, config);
  if (Object.keys(properties).length === 0) return before;
  // The last word counts by its time: a clock that was set back must not put it before the pixel's birth.
  const at = Math.max(nowMicros(), before.createdAt + 1);
  demandKept(await parts.keep({ kind: 'pixel-changed', at, code, properties }), 'a change');
  const after = await pixelNow(parts, code);
  if (!holds(after.properties, properties)) {
    throw new Refusal(
      409,
      'a later word is known: of another machine, or before a clock was set back',
    );
  }
  return after;
}

/**
 * A pixel is one recipient's for good, else the hits that are kept could not be found by the name of whoever
 * they are about. Says nothing of a recipient that is so already. Throws 409.
 */
function withRecipientOf({ properties }: Pixel, asked: PixelProperties): PixelProperties {
  if (asked.recipient === undefined) return asked;
  const known = properties.recipient ?? null;
  if (known !== null && known !== asked.recipient) {
    throw new Refusal(
      409,
      'the pixel has a recipient, by whom its hits are found: erase the pixel, or the recipient, instead',
    );
  }
  if (known !== asked.recipient) return asked;
  const { recipient: _, ...others } = asked;
  return others;
}

/** A mode that is taken back is that of the code again, and said: lists are filtered by what is said. */
function withModeOf(codes: Parts['codes'], code: string, asked: PixelProperties): PixelProperties {
  return asked.mode === null ? { ...asked, mode: ownMode(codes, code, {}) } : asked;
}

function holds(properties: PixelProperties, asked: PixelProperties): boolean {
  const names = Object.keys(asked) as (keyof PixelProperties)[];
  return names.every((name) => (properties[name] ?? null) === asked[name]);
}

/** Also of a pixel that nobody minted here: it may have hits (CODE_CHECK=off). Throws 404. */
async function demandKnown(parts: Parts, code: string): Promise<void> {
  demandPossible(code);
  await catchUp(parts);
  if ((await parts.store.pixel(code)) !== null) return;
  if ((await parts.store.countOpens(code)) === 0) throw unknownPixel();
}

async function pixelNow(parts: Parts, code: string): Promise<Pixel> {
  demandPossible(code);
  await catchUp(parts);
  const pixel = await parts.store.pixel(code);
  if (pixel === null) throw unknownPixel();
  return pixel;
}
