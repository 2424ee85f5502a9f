// TrackPixel's two endpoints: mint a pixel, and read its opens back. Their paths, keys and meaning are
// kept, so that its callers need not change; what is new stands in extra keys (docs: README, "API").

import { z } from 'zod';
import { nowMicros } from '../hit/clock.ts';
import { INFO_HITS_DEFAULT, INFO_HITS_MAX } from '../limits.ts';
import type { HitPlace } from '../store/store.ts';
import type { About } from './about.ts';
import { catchUp } from './catch-up.ts';
import { OpenCounts, openCounts } from './counts.ts';
import { writeCursor } from './cursor.ts';
import { HitRow, hitRow } from './hit-row.ts';
import type { ApiParts } from './parts.ts';
import { CodeText, demandPossible, imageUrl, ownMode, unknownPixel, placeIn } from './pixel.ts';
import { describeProperties, PropertiesAnswer } from './properties.ts';
import { CursorText, limit } from './query.ts';
import { demandKept } from './refusal.ts';
import { type Api, NoQuery } from './schema.ts';
import { formatMicros, TimeText } from './times.ts';

const Minted = z.object({ image_url: z.url(), unique_code: z.string() });

const MINT: About = {
  id: 'genImage',
  tag: 'TrackPixel',
  summary: 'Mint a pixel',
  description: 'A `GET` that makes something: TrackPixel’s way. `POST /v1/pixels` can say more.',
  returns: 'The pixel.',
};
const INFO: About = {
  id: 'readInfo',
  tag: 'TrackPixel',
  summary: 'Read a pixel with its opens as a time series',
  description:
    'The series is the newest `limit` hits, oldest first; `cursor` pages back to older ones. ' +
    'The ending of an image (`.png`, `.gif`) may stand behind the code.',
  returns: 'The pixel, its counts and a page of its hits.',
  refuses: { 404: 'No pixel has this code.' },
};

const InfoQuery = z.strictObject({
  limit: limit(INFO_HITS_MAX, INFO_HITS_DEFAULT),
  cursor: CursorText,
});

const Info = z
  .object({
    uri: z.string().describe('The code of the pixel.'),
    total_opens: z
      .int()
      .describe(
        'Every request for the image, whoever made it; `counts` tells people from machines.',
      ),
    created_at: TimeText.nullable().describe(
      'Null when the pixel was not minted here but has hits (`CODE_CHECK=off`, or a shared `CODE_SECRET`).',
    ),
    timeseries_data: z.array(HitRow),
    image_url: z.url(),
    cursor: z.string().nullable(),
    counts: OpenCounts,
    ...PropertiesAnswer.shape,
  })
  .meta({ id: 'Info', description: 'A pixel with its opens, as TrackPixel told them.' });

type Parts = Pick<ApiParts, 'config' | 'store' | 'codes' | 'keep' | 'barrier' | 'behind'>;

export function serveTrackPixel(app: Api, parts: Parts): void {
  const { baseUrl } = parts.config;
  app.get(
    '/v1/api/gen-image',
    {
      config: { scope: 'mint' },
      // HEAD must not mint; a GET that does is TrackPixel's interface.
      exposeHeadRoute: false,
      schema: { about: MINT, querystring: NoQuery, response: { 200: Minted } },
    },
    async () => {
      const code = parts.codes.mint(null);
      demandKept(await parts.keep({ kind: 'pixel-minted', at: nowMicros(), code }), 'a pixel');
      return { image_url: imageUrl(baseUrl, code), unique_code: code };
    },
  );

  app.get(
    '/v1/api/info/:code',
    {
      config: { scope: 'read' },
      schema: {
        about: INFO,
        params: z.object({ code: CodeText }),
        querystring: InfoQuery,
        response: { 200: Info },
      },
    },
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express cannot; Fastify awaits its handlers
    async (request) => {
      const code = request.params.code.replace(/\.(?:png|gif)$/, '');
      const { limit, cursor } = request.query;
      const before = placeIn(code, cursor);
      demandPossible(code);
      await catchUp(parts);
      return await pixelInfo(parts, { code, limit, before });
    },
  );
}

interface InfoRequest {
  readonly code: string;
  readonly limit: number;
  readonly before: HitPlace | null;
}

async function pixelInfo(parts: Parts, asked: InfoRequest): Promise<z.input<typeof Info>> {
  const { config, store, codes } = parts;
  const { code } = asked;
  const [pixel, page] = await Promise.all([store.pixel(code), store.pixelHits(asked)]);
  // Counted after the page, so that the count is never less than what the page shows.
  const counts = await store.counts(code, config.repeatSeconds);
  if (pixel === null && counts.hits === 0) throw unknownPixel();
  const properties = pixel?.properties ?? {};
  return {
    uri: code,
    total_opens: counts.hits,
    created_at: pixel === null ? null : formatMicros(pixel.createdAt),
    timeseries_data: page.hits.map((hit) => hitRow(code, hit)),
    image_url: imageUrl(config.baseUrl, code),
    cursor: page.next === null ? null : writeCursor(code, page.next),
    counts: openCounts(counts),
    ...describeProperties(properties, ownMode(codes, code, properties), config),
  };
}
