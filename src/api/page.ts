// The root page: what this server is, and how to mint and embed a pixel, for whoever opens its address in a
// browser. It is self-contained and asks no other host; the dashboard will take its place.

import type { Config } from '../config/config.ts';
import { escapeHtml, fillTemplate, readPageFile, sourceHash } from './html.ts';
import type { Api } from './schema.ts';

const OPEN = { config: { scope: 'none' } } as const;

type PageConfig = Pick<Config, 'baseUrl' | 'apiPort' | 'apiAuth'>;

/** `/`, and what browsers and crawlers ask for unasked. */
export function servePage(app: Api, config: PageConfig): void {
  const { html, policy } = renderPage(config);
  app.get('/', OPEN, async (_request, reply) =>
    reply.header('content-security-policy', policy).type('text/html; charset=utf-8').send(html),
  );
  // The page brings its icon along; without this, every first visit would be a 404.
  app.get('/favicon.ico', OPEN, async (_request, reply) => reply.code(204).send());
  app.get('/robots.txt', OPEN, async (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send('User-agent: *\nDisallow: /\n'),
  );
}

/** The page for one configuration, and the policy that allows its own style and script and nothing else. */
function renderPage(config: PageConfig): { html: string; policy: string } {
  const [style, script] = [readPageFile('page.css'), readPageFile('page.js')];
  const values = {
    style: `<style>${style}</style>`,
    script: `<script>${script}</script>`,
    baseUrl: escapeHtml(config.baseUrl),
    apiUrl: escapeHtml(
      config.apiPort === null ? config.baseUrl : `http://localhost:${config.apiPort}`,
    ),
    apiAuth: config.apiAuth,
    authorization:
      config.apiAuth === 'none'
        ? ''
        : `-H "Authorization: Bearer $API_TOKEN" `.replaceAll('"', '&quot;'),
  };
  const html = fillTemplate(readPageFile('page.html'), values);
  const images = new URL(config.baseUrl).origin;
  const policy = [
    "default-src 'none'",
    `style-src ${sourceHash(style)}`,
    `script-src ${sourceHash(script)}`,
    "connect-src 'self'",
    // A minted image may be tried out; its address is BASE_URL's, whatever name the page was opened by.
    `img-src 'self' data: ${images}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return { html, policy };
}
