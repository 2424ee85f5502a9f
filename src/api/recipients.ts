// All that is held about one recipient, for whoever asks what that is: the pixels that were minted for them,
// what was said of these, and every hit with its verdict, as lines of JSON.

import { Readable } from 'node:stream';
import { z } from 'zod';
import type { JudgedHit } from '../hit/event.ts';
import { EXPORT_HITS } from '../limits.ts';
import type { HitPlace, Store } from '../store/store.ts';
import type { About } from './about.ts';
import { catchUp } from './catch-up.ts';
import { Recipient } from './erasures.ts';
import { hitRow } from './hit-row.ts';
import type { ApiParts } from './parts.ts';
import { ownMode } from './pixel.ts';
import { describeProperties } from './properties.ts';
import { type Api, NoQuery } from './schema.ts';
import { formatMicros } from './times.ts';

const NDJSON = 'application/x-ndjson';

const Body = z.strictObject({ recipient: Recipient }, 'must be a JSON object');

const EXPORT: About = {
  id: 'exportRecipient',
  tag: 'Privacy',
  summary: 'Hand out all that is held about one recipient',
  description:
    'One JSON object a line: the recipient, then each pixel followed by its hits, newest first, then ' +
    '`{"end": true}`. An answer without that last line was cut.',
  returns:
    'Everything that is held; nothing but the first and the last line for whom nobody knows.',
  media: { [NDJSON]: 'An object a line.' },
};

type Parts = Pick<ApiParts, 'config' | 'store' | 'codes' | 'barrier' | 'behind'>;

/** The recipient stands in the body, since paths end up in logs. */
export function serveRecipients(app: Api, parts: Parts): void {
  app.post(
    '/v1/recipients/export',
    { config: { scope: 'read' }, schema: { about: EXPORT, querystring: NoQuery, body: Body } },
    async ({ body }, reply) => {
      await catchUp(parts);
      const codes = await parts.store.pixelsOf(body.recipient);
      const lines = exportLines(parts, body.recipient, codes);
      return reply.type(NDJSON).send(Readable.from(lines));
    },
  );
}

/** The last line says that it is the last: an answer without it was cut. */
async function* exportLines(
  { config, store, codes }: Parts,
  recipient: string,
  pixels: readonly string[],
): AsyncGenerator<string> {
  yield line({ recipient, pixels: pixels.length });
  let hits = 0;
  for (const code of pixels) {
    const pixel = await store.pixel(code);
    // Erased since.
    if (pixel === null) continue;
    const { createdAt, properties } = pixel;
    const said = describeProperties(properties, ownMode(codes, code, properties), config);
    yield line({ pixel: code, created_at: formatMicros(createdAt), ...said });
    for await (const page of pagesOf(store, code)) {
      hits += page.length;
      yield page.map((hit) => line({ hit: heldOf(code, hit) })).join('');
    }
  }
  yield line({ end: true, hits });
}

/** Everything that is kept of the hit: other answers leave out what only verdicts need. */
const heldOf = (code: string, hit: JudgedHit) => ({
  ...hitRow(code, hit),
  purpose: hit.event.purpose,
});

/** Newest first. */
async function* pagesOf(store: Store, code: string) {
  let before: HitPlace | null = null;
  do {
    const page: Awaited<ReturnType<Store['pixelHits']>> = await store.pixelHits({
      code,
      limit: EXPORT_HITS,
      before,
    });
    yield page.hits.toReversed();
    before = page.next;
  } while (before !== null);
}

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;
