// The root page: what this server is, and how to mint and embed a pixel, for whoever opens its address in a
// browser. It is self-contained and asks no other host; the dashboard will take its place.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import type { Api } from './schema.ts';

type PageConfig = Pick<Config, 'baseUrl' | 'apiPort' | 'apiAuth'>;

const read = (name: string): string =>
  readFileSync(new URL(`./page/${name}`, import.meta.url), 'utf8');

/** `/`, and what browsers and crawlers ask for unasked. */
export function servePage(app: Api, config: PageConfig): void {
  const { html, policy } = renderPage(config);
  app.get('/', async (_request, reply) =>
    reply.header('content-security-policy', policy).type('text/html; charset=utf-8').send(html),
  );
  // The page brings its icon along; without this, every first visit would be a 404.
  app.get('/favicon.ico', async (_request, reply) => reply.code(204).send());
  app.get('/robots.txt', async (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send('User-agent: *\nDisallow: /\n'),
  );
}

/** The page for one configuration, and the policy that allows its own style and script and nothing else. */
function renderPage(config: PageConfig): { html: string; policy: string } {
  const [style, script] = [read('page.css'), read('page.js')];
  const values: Readonly<Record<string, string>> = {
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
  const html = read('page.html').replace(/<!--(\w+)-->|\{\{(\w+)\}\}/g, (_, block, text) => {
    const name = String(block ?? text);
    const value = values[name];
    if (value === undefined) throw new Error(`the page has no value ${name}`);
    return value;
  });
  const images = new URL(config.baseUrl).origin;
  const policy = [
    "default-src 'none'",
    `style-src ${hash(style)}`,
    `script-src ${hash(script)}`,
    "connect-src 'self'",
    // A minted image may be tried out; its address is BASE_URL's, whatever name the page was opened by.
    `img-src 'self' data: ${images}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return { html, policy };
}

const hash = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
