// Pixels with what is said about them: minting one, reading it, changing it. A change is durable before it is
// answered, and collectors of the same DATA_DIR honour it within two seconds, also for mail already sent.

import { z } from 'zod';
import { nowMicros } from '../hit/clock.ts';
import type { PixelProperties } from '../hit/event.ts';
import { PROPERTIES_BODY_BYTES_MAX } from '../limits.ts';
import type { Pixel } from '../store/store.ts';
import type { About } from './about.ts';
import { catchUp } from './catch-up.ts';
import type { ApiParts } from './parts.ts';
import { CodeText, demandPossible, imageHtml, imageUrl, ownMode, unknownPixel } from './pixel.ts';
import {
  ChangesBody,
  describeProperties,
  keptProperties,
  PropertiesAnswer,
  PropertiesBody,
} from './properties.ts';
import { demandKept, Refusal } from './refusal.ts';
import { type Api, NoQuery } from './schema.ts';
import { formatMicros, TimeText } from './times.ts';
import { Turns } from './turns.ts';

const PixelAnswer = z
  .object({
    code: z.string(),
    image_url: z.url(),
    image_html: z.string().describe('To be put into a mail or a page as it is.'),
    created_at: TimeText,
    ...PropertiesAnswer.shape,
  })
  .meta({ id: 'Pixel', description: 'A tracking image, and what is said of it.' });

const Params = z.object({ code: CodeText });

const MINT: About = {
  id: 'mintPixel',
  tag: 'Pixels',
  summary: 'Mint a pixel',
  description: 'Durable when it is answered. Every field may be left out, and so may the body.',
  returns: 'The pixel, with its image’s URL and the HTML to paste.',
  headers: { location: 'Where the pixel is.' },
};
const READ: About = {
  id: 'pixel',
  tag: 'Pixels',
  summary: 'Read a pixel',
  returns: 'The pixel.',
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

type Parts = Pick<ApiParts, 'config' | 'store' | 'codes' | 'keep' | 'barrier' | 'behind'>;

export function servePixels(app: Api, parts: Parts): void {
  const turns = new Turns();
  app.post(
    '/v1/pixels',
    {
      config: { scope: 'mint' },
      bodyLimit: PROPERTIES_BODY_BYTES_MAX,
      schema: {
        about: MINT,
        body: PropertiesBody,
        querystring: NoQuery,
        response: { 201: PixelAnswer },
      },
    },
    async (request, reply) => {
      const pixel = await mint(parts, request.body);
      return reply
        .code(201)
        .header('location', `/v1/pixels/${pixel.code}`)
        .send(answerOf(parts, pixel));
    },
  );

  app.get(
    '/v1/pixels/:code',
    {
      config: { scope: 'read' },
      schema: { about: READ, params: Params, querystring: NoQuery, response: { 200: PixelAnswer } },
    },
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express cannot; Fastify awaits its handlers
    async (request) => answerOf(parts, await pixelNow(parts, request.params.code)),
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
      return answerOf(parts, pixel);
    },
  );
}

/** Durable when this resolves, and in the store a moment later. */
async function mint(parts: Parts, asked: PixelProperties): Promise<Pixel> {
  const { codes, config } = parts;
  const mode = asked.mode ?? null;
  const properties = withoutNulls(keptProperties(asked, mode, config));
  const code = codes.mint(mode);
  const at = nowMicros();
  const said = Object.keys(properties).length === 0 ? {} : { properties };
  demandKept(await parts.keep({ kind: 'pixel-minted', at, code, ...said }), 'a pixel');
  return { code, createdAt: at, properties };
}

/** What holds afterwards. Without others in between: what may be said of a recipient depends on before. */
async function change(parts: Parts, code: string, asked: PixelProperties): Promise<Pixel> {
  const { codes, config } = parts;
  const before = await pixelNow(parts, code);
  const news = withRecipientOf(before, asked);
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

function holds(properties: PixelProperties, asked: PixelProperties): boolean {
  const names = Object.keys(asked) as (keyof PixelProperties)[];
  return names.every((name) => (properties[name] ?? null) === asked[name]);
}

async function pixelNow(parts: Parts, code: string): Promise<Pixel> {
  demandPossible(code);
  await catchUp(parts);
  const pixel = await parts.store.pixel(code);
  if (pixel === null) throw unknownPixel();
  return pixel;
}

function withoutNulls(properties: PixelProperties): PixelProperties {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== null));
}

function answerOf(
  { codes, config }: Parts,
  { code, createdAt, properties }: Pixel,
): z.input<typeof PixelAnswer> {
  return {
    code,
    image_url: imageUrl(config.baseUrl, code),
    image_html: imageHtml(config.baseUrl, code),
    created_at: formatMicros(createdAt),
    ...describeProperties(properties, ownMode(codes, code, properties), config),
  };
}
