// Serves the dashboard: one page at a few addresses, its files for ever, and what browsers and crawlers ask
// for unasked. Its policy allows what came from here and nothing else.

import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Asset, DashboardFiles } from './dashboard-files.ts';
import type { ApiParts } from './parts.ts';
import { Refusal } from './refusal.ts';
import type { Api } from './schema.ts';

/** The addresses that dashboard/src/pages.ts knows; any other one is 404 here already. */
const PAGES = ['/', '/pixels', '/pixels/:code', '/visits', '/campaigns', '/live', '/tokens'];
/** Their names have a digest of what is in them. */
const FOR_EVER = 'public, max-age=31536000, immutable';

const OPEN = { config: { scope: 'none' } } as const;
const AssetName = z.object({ name: z.string() });

type Parts = Pick<ApiParts, 'dashboard'> & {
  readonly config: Pick<ApiParts['config'], 'baseUrl'>;
};

export function serveDashboard(app: Api, { dashboard, config }: Parts): void {
  const policy = policyFor(config.baseUrl);
  for (const path of PAGES) {
    const page = pageFor(path, dashboard);
    app.get(path, OPEN, async (request, reply) => {
      // A code is never empty.
      if (path.endsWith(':code') && /\/(?:\?|$)/.test(request.url)) throw nothingHere();
      if (page === null) throw notBuilt();
      return reply
        .headers({ 'content-security-policy': policy, 'cross-origin-opener-policy': 'same-origin' })
        .type('text/html; charset=utf-8')
        .send(page);
    });
  }
  app.get(
    '/assets/:name',
    { ...OPEN, schema: { about: null, params: AssetName } },
    async (request, reply) => {
      const asset = dashboard?.assets.get(request.params.name);
      if (asset === undefined) throw nothingHere();
      return sendAsset(reply, asset, request.headers['accept-encoding']);
    },
  );
  // The page brings its icon along; without this, every first visit would be a 404.
  app.get('/favicon.ico', OPEN, async (_request, reply) => reply.code(204).send());
  app.get('/robots.txt', OPEN, async (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send('User-agent: *\nDisallow: /\n'),
  );
}

/**
 * Addresses in the page are relative, since a proxy may have cut the beginning of the path: those of a page
 * one level deeper begin one level higher.
 */
function pageFor(path: string, dashboard: DashboardFiles | null): Buffer | null {
  if (dashboard === null) return null;
  const depth = path.split('/').length - 2;
  return Buffer.from(dashboard.page.replaceAll('"./', `"${'../'.repeat(depth) || './'}`));
}

const nothingHere = (): Refusal => new Refusal(404, 'there is nothing at this path');

const notBuilt = (): Refusal =>
  new Refusal(503, 'the dashboard is not built (npm run build does it); the API works without it');

function policyFor(baseUrl: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    // A minted image may be tried out; its address is BASE_URL's, whatever name the page was opened by.
    `img-src 'self' data: ${new URL(baseUrl).origin}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function sendAsset(reply: FastifyReply, asset: Asset, accepted: string | undefined): FastifyReply {
  reply.headers({ 'cache-control': FOR_EVER, vary: 'accept-encoding' }).type(asset.type);
  for (const encoding of ['br', 'gzip'] as const) {
    const bytes = asset[encoding];
    if (bytes !== null && accepts(accepted, encoding)) {
      return reply.header('content-encoding', encoding).send(bytes);
    }
  }
  return reply.send(asset.plain);
}

/** Whether an Accept-Encoding header names `encoding`, and not only to refuse it. */
function accepts(header: string | undefined, encoding: string): boolean {
  return (header ?? '').split(',').some((part) => {
    const [name = '', ...parameters] = part.toLowerCase().split(';');
    return name.trim() === encoding && !parameters.some((each) => /^\s*q=0(\.0*)?\s*$/.test(each));
  });
}
