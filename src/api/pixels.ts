// TrackPixel's two endpoints: mint a pixel, and read its opens back. Their paths, keys and meaning are
// kept, so that its callers need not change; what is new stands in extra keys (docs: README, "API").

import { z } from 'zod';
import { nowMicros } from '../hit/clock.ts';
import { type Hit, formatEventId, type Recorded } from '../hit/event.ts';
import { CODE_BYTES_MAX, INFO_HITS_DEFAULT, INFO_HITS_MAX } from '../limits.ts';
import type { HitPlace, Store } from '../store/store.ts';
import type { ApiParts } from './parts.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { badRequest, Refusal, tryAgain } from './refusal.ts';
import type { Api } from './schema.ts';

/** Strict: a parameter that this version does not know (a privacy mode, say) must not be ignored silently. */
const NoQuery = z.strictObject({});

const Minted = z.object({ image_url: z.url(), unique_code: z.string() });

const InfoQuery = z.strictObject({
  limit: z
    .string('must be given once')
    .regex(/^\d{1,6}$/, `must be a whole number from 1 to ${INFO_HITS_MAX}`)
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= INFO_HITS_MAX, `must be from 1 to ${INFO_HITS_MAX}`)
    .default(INFO_HITS_DEFAULT),
  cursor: z.string('must be given once').optional(),
});

const Info = z.object({
  uri: z.string(),
  total_opens: z.int(),
  /** Null when the pixel was not minted here but has hits (CODE_CHECK=off, or a shared CODE_SECRET). */
  created_at: z.iso.datetime({ precision: 6 }).nullable(),
  timeseries_data: z.array(
    z.object({
      uri: z.string(),
      time_stamp: z.iso.datetime({ precision: 6 }),
      ip_address: z.string(),
      user_agent: z.string().nullable(),
      referrer: z.string().nullable(),
      id: z.string(),
    }),
  ),
  image_url: z.url(),
  cursor: z.string().nullable(),
});

type Parts = Pick<ApiParts, 'config' | 'store' | 'codes' | 'mint' | 'barrier' | 'behind'>;

export function servePixels(app: Api, parts: Parts): void {
  const imageUrl = (code: string): string =>
    `${parts.config.baseUrl}/image/${encodeURIComponent(code)}.png`;

  app.get(
    '/v1/api/gen-image',
    {
      // HEAD must not mint; a GET that does is TrackPixel's interface.
      exposeHeadRoute: false,
      schema: { querystring: NoQuery, response: { 200: Minted } },
    },
    async () => {
      const code = parts.codes.mint();
      if ((await parts.mint(code, nowMicros())) !== 'kept') {
        throw tryAgain('the journal cannot keep a pixel right now');
      }
      return { image_url: imageUrl(code), unique_code: code };
    },
  );

  app.get(
    '/v1/api/info/:code',
    {
      schema: {
        params: z.object({ code: z.string() }),
        querystring: InfoQuery,
        response: { 200: Info },
      },
    },
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express cannot; Fastify awaits its handlers
    async (request) => {
      const code = request.params.code.replace(/\.(?:png|gif)$/, '');
      const { limit, cursor } = request.query;
      const before = cursor === undefined ? null : readCursor(code, cursor);
      if (cursor !== undefined && before === null) {
        throw badRequest([{ parameter: 'cursor', detail: 'is not one of this pixel' }]);
      }
      if (!isPossible(code)) throw unknown();
      if (!(await parts.barrier())) {
        const behind = parts.behind?.() ?? 'more than it can catch up with in time';
        throw tryAgain(`the store is behind the journal: ${behind}`);
      }
      return await pixelInfo(parts.store, { code, limit, before, imageUrl: imageUrl(code) });
    },
  );
}

interface InfoRequest {
  readonly code: string;
  readonly limit: number;
  readonly before: HitPlace | null;
  readonly imageUrl: string;
}

async function pixelInfo(store: Store, asked: InfoRequest): Promise<z.input<typeof Info>> {
  const { code, limit, before } = asked;
  const [pixel, page] = await Promise.all([
    store.pixel(code),
    store.pixelHits({ code, limit, before }),
  ]);
  // Counted after the page, so that the count is never less than what the page shows.
  const opens = await store.countOpens(code);
  if (pixel === null && opens === 0) throw unknown();
  return {
    uri: code,
    total_opens: opens,
    created_at: pixel === null ? null : formatMicros(pixel.createdAt),
    timeseries_data: page.hits.map((recorded) => row(code, recorded)),
    image_url: asked.imageUrl,
    cursor: page.next === null ? null : writeCursor(code, page.next),
  };
}

const row = (code: string, { id, event }: Recorded<Hit>) => ({
  uri: code,
  time_stamp: formatMicros(event.at),
  ip_address: event.address,
  user_agent: event.agent,
  referrer: event.referrer,
  id: formatEventId(id),
});

/** `2026-11-21T08:15:30.123456Z`: RFC 3339 in UTC, which Go's `time.Time` reads too. */
function formatMicros(at: number): string {
  const milliseconds = new Date(Math.floor(at / 1000)).toISOString().slice(0, -1);
  return `${milliseconds}${String(at % 1000).padStart(3, '0')}Z`;
}

/** A code that no pixel can have need not be looked for. */
function isPossible(code: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return Buffer.byteLength(code) <= CODE_BYTES_MAX && !/[\u0000-\u001f\u007f]/.test(code);
}

const unknown = (): Refusal => new Refusal(404, 'no pixel has this code');
