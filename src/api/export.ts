// Everything as a file: hits or pixels as CSV, NDJSON or Parquet, of any size, in the memory of one page. A
// file that ends before its end breaks the connection, so that nobody takes a part for the whole.

import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import {
  EXPORT_DRAIN_MS_MAX,
  EXPORT_PIECE_ROWS,
  EXPORT_STALL_MS_MAX,
  EXPORTS_MAX,
  PARQUET_GROUP_ROWS,
} from '../limits.ts';
import type { About } from './about.ts';
import { catchUp } from './catch-up.ts';
import { type Column, HIT_COLUMNS, pixelColumns } from './export-columns.ts';
import { hitPages, pixelPages } from './export-pages.ts';
import { csvOf, ndjsonOf, type RowFormat } from './export-text.ts';
import { HIT_SELECTION, readSelection } from './hits.ts';
import { showUnderWay } from './metrics.ts';
import { outflow } from './outflow.ts';
import type { ApiParts } from './parts.ts';
import { PIXEL_FILTERS, readPixelFilter } from './pixel-query.ts';
import { tryAgain } from './refusal.ts';
import type { Api } from './schema.ts';

interface Format {
  readonly type: string;
  /** Rows that are made into bytes at a time. */
  readonly pieceRows: number;
  readonly of: <Row>(columns: readonly Column<Row>[]) => Promise<RowFormat<Row>>;
}

const FORMATS = {
  csv: {
    type: 'text/csv; charset=utf-8; header=present',
    pieceRows: EXPORT_PIECE_ROWS,
    of: async (columns) => csvOf(columns),
  },
  ndjson: {
    type: 'application/x-ndjson',
    pieceRows: EXPORT_PIECE_ROWS,
    of: async (columns) => ndjsonOf(columns),
  },
  parquet: {
    type: 'application/vnd.apache.parquet',
    pieceRows: PARQUET_GROUP_ROWS,
    // Loaded by who needs it.
    of: async (columns) => (await import('./export-parquet.ts')).parquetOf(columns),
  },
} as const satisfies Record<string, Format>;

const FormatName = z
  .enum(['csv', 'ndjson', 'parquet'], 'must be csv, ndjson or parquet')
  .describe('CSV by RFC 4180, JSON one object a line, or Parquet.');
const HitsQuery = z.strictObject({ format: FormatName, ...HIT_SELECTION });
const PixelsQuery = z.strictObject({ format: FormatName, ...PIXEL_FILTERS });

const MEDIA = Object.fromEntries(
  Object.values(FORMATS).map(({ type }) => [type.split(';', 1)[0] ?? '', 'A row each.']),
);
const DESCRIPTION = `Streamed, of any size, oldest first. What was acknowledged before the request is in it;
what comes meanwhile may be. A file that cannot be completed breaks the connection: it is whole exactly when
the answer ends as HTTP says. In CSV, what a spreadsheet would take for a formula, at the beginning of a cell
or behind a semicolon or a tab, gets an apostrophe before it; NDJSON and Parquet are exact.`;
const ABOUT = {
  tag: 'Export',
  description: DESCRIPTION,
  returns: 'A file.',
  headers: { 'content-disposition': 'The name of the file.' },
  media: MEDIA,
} as const;
const EXPORT_HITS: About = { ...ABOUT, id: 'exportHits', summary: 'Export hits as a file' };
const EXPORT_PIXELS: About = { ...ABOUT, id: 'exportPixels', summary: 'Export pixels as a file' };

type Parts = Pick<
  ApiParts,
  'config' | 'store' | 'codes' | 'barrier' | 'behind' | 'registry' | 'log'
>;

export function serveExports(app: Api, parts: Parts): void {
  const { config, store } = parts;
  const exports = new Exports(parts);
  showUnderWay(parts.registry, 'exports', () => exports.size);
  app.addHook('preClose', async () => await exports.end());
  // HEAD would make all of the file to tell nothing of it.
  const common = { config: { scope: 'read' }, exposeHeadRoute: false } as const;
  app.get(
    '/v1/export/hits',
    { ...common, schema: { about: EXPORT_HITS, querystring: HitsQuery } },
    async ({ query }, reply) => {
      const selection = readSelection(query);
      const open = () => hitPages(store, selection);
      await exports.send(reply, 'hits', query.format, HIT_COLUMNS, open);
      return reply;
    },
  );
  app.get(
    '/v1/export/pixels',
    { ...common, schema: { about: EXPORT_PIXELS, querystring: PixelsQuery } },
    async ({ query }, reply) => {
      const filter = readPixelFilter(query, config.pixelMode);
      const open = () => pixelPages(store, filter, config.repeatSeconds);
      await exports.send(reply, 'pixels', query.format, pixelColumns(parts), open);
      return reply;
    },
  );
}

/** The exports under way. */
class Exports {
  readonly #parts: Parts;
  readonly #replies = new Set<FastifyReply>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#replies.size;
  }

  /** Throws 503 when too many are under way, and whatever keeps the first page from being read. */
  async send<Row>(
    reply: FastifyReply,
    name: string,
    format: keyof typeof FORMATS,
    columns: readonly Column<Row>[],
    open: () => AsyncGenerator<readonly Row[], void>,
  ): Promise<void> {
    const replies = this.#replies;
    if (replies.size >= EXPORTS_MAX) throw tryAgain(`${EXPORTS_MAX} exports are under way already`);
    replies.add(reply);
    try {
      await catchUp(this.#parts);
      const { type, pieceRows, of }: Format = FORMATS[format];
      const pages = open();
      // What fails now is a problem like any other.
      const first = await pages.next();
      const pieces = piecesOf(await of(columns), first, pages, pieceRows);
      const ended = (): void => void replies.delete(reply);
      const body = outflow(reply, pieces, { stallMsMax: EXPORT_STALL_MS_MAX, ended });
      body.once('error', (error) => {
        this.#parts.log.warn({ err: error, export: name }, 'an export was broken off');
      });
      const date = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
      const file = `attachment; filename="${name}-${date}.${format}"`;
      // A reply is also a promise of its end, which nobody here waits for.
      void reply.type(type).header('content-disposition', file).send(body);
    } catch (error) {
      replies.delete(reply);
      throw error;
    }
  }

  /** Lets them go on for a while, and then breaks them off. */
  async end(): Promise<void> {
    const until = performance.now() + EXPORT_DRAIN_MS_MAX;
    while (this.#replies.size > 0 && performance.now() < until) await pause();
    for (const { raw } of this.#replies) raw.destroy();
  }
}

async function* piecesOf<Row>(
  format: RowFormat<Row>,
  first: IteratorResult<readonly Row[], void>,
  others: AsyncGenerator<readonly Row[], void>,
  pieceRows: number,
): AsyncGenerator<string | Uint8Array, void> {
  try {
    yield format.begin();
    for (let page = first; page.value !== undefined; page = await others.next()) {
      for (let row = 0; row < page.value.length; row += pieceRows) {
        yield format.rows(page.value.slice(row, row + pieceRows));
      }
    }
    yield format.end();
  } finally {
    await others.return();
  }
}

const DRAIN_POLL_MS = 20;
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
