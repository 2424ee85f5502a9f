// The operator's own browsers: links that ask to ignore a browser, and the page behind them, which sets the
// cookie that collectors look for. Whoever has the link may do so, hence it is valid for a day only.

import { z } from 'zod';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { nowMicros } from '../hit/clock.ts';
import { checkOwn, OWN_COOKIE, signOwn } from '../hit/own-browser.ts';
import { OWN_COOKIE_SECONDS, OWN_LINK_SECONDS } from '../limits.ts';
import type { About } from './about.ts';
import type { ApiParts } from './parts.ts';
import { type OwnPageState, renderOwnPages } from './own-page.ts';
import { Refusal } from './refusal.ts';
import { type Api, NoBody, NoQuery } from './schema.ts';
import { formatMicros, TimeText } from './times.ts';

const PATH = '/ignore-me';
const FORM = 'application/x-www-form-urlencoded';
/** The form has one field; this is ample. */
const FORM_BYTES_MAX = 256;

/** The link is what opens it. */
const OPEN = { scope: 'none' } as const;

const Link = z.object({ url: z.url(), expires_at: TimeText });
const LinkQuery = z.object({ link: z.string().catch('') });
const Wish = z.strictObject({ looks: z.enum(['ignore', 'count'], 'must be ignore or count') });

const MAKE: About = {
  id: 'makeOwnBrowserLink',
  tag: 'Hits',
  summary: 'Make a link by which a browser of yours is ignored',
  description:
    'Opening it does nothing: it shows a page with a button, which sets a cookie for 400 days.',
  returns: 'The link. Whoever has it can use it until it expires.',
};

type Parts = Pick<ApiParts, 'codeSecret'> & {
  readonly config: Pick<ApiParts['config'], 'baseUrl'>;
};

const nowSeconds = (): number => Math.floor(nowMicros() / 1e6);

/** For who has the token: new links. */
export function serveOwnLinks(app: Api, { config, codeSecret }: Parts): void {
  app.post(
    '/v1/own-browser-links',
    {
      config: { scope: 'admin' },
      schema: { about: MAKE, querystring: NoQuery, body: NoBody, response: { 201: Link } },
    },
    async (_request, reply) => {
      const expiresAt = nowSeconds() + OWN_LINK_SECONDS;
      const link = signOwn(codeSecret, 'link', expiresAt);
      return reply.code(201).send({
        url: `${config.baseUrl}${PATH}?link=${link}`,
        expires_at: formatMicros(expiresAt * 1e6),
      });
    },
  );
}

/** For whoever has a link. */
export function serveOwnBrowser(app: Api, { config, codeSecret }: Parts): void {
  const { pages, policy } = renderOwnPages();
  const isRight = (link: string): boolean => checkOwn(codeSecret, 'link', link, nowSeconds());
  const show = (reply: FastifyReply, state: OwnPageState): FastifyReply =>
    reply
      .code(state === 'wrong-link' ? 403 : 200)
      .header('content-security-policy', policy)
      .type('text/html; charset=utf-8')
      .send(pages[state]);

  // A plugin of its own: no other route takes forms.
  app.register(async (forms: Api) => {
    forms.addContentTypeParser(
      FORM,
      { parseAs: 'string', bodyLimit: FORM_BYTES_MAX },
      async (_request: FastifyRequest, body: string | Buffer) =>
        Object.fromEntries(new URLSearchParams(String(body))),
    );

    forms.get(
      PATH,
      { config: OPEN, schema: { about: null, querystring: LinkQuery } },
      async (request, reply) => {
        if (!isRight(request.query.link)) return show(reply, 'wrong-link');
        return show(reply, isIgnored(codeSecret, request.headers.cookie) ? 'ignored' : 'counted');
      },
    );

    const taken = { about: null, querystring: LinkQuery, body: Wish };
    forms.post(PATH, { config: OPEN, schema: taken }, async (request, reply) => {
      const { link } = request.query;
      if (!isRight(link)) return show(reply, 'wrong-link');
      refuseForeignForms(request);
      // Relative: a proxy in front of us may have cut the path's beginning. GET follows, and shows the state.
      return reply
        .code(303)
        .header('set-cookie', cookieFor(request.body.looks, config.baseUrl, codeSecret))
        .header('location', `?link=${link}`)
        .send();
    });
  });
}

/** Another site must not have its visitors ignored. Old browsers, and http, say nothing about it. */
function refuseForeignForms({ headers }: FastifyRequest): void {
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return;
  throw new Refusal(403, 'this form was sent from another site');
}

/**
 * Over https the cookie is sent with images on other sites too, as far as the browser allows; without it
 * browsers take no such cookie. It covers images and visits wherever BASE_URL puts them.
 */
function cookieFor(looks: 'ignore' | 'count', baseUrl: string, secret: Uint8Array): string {
  const isIgnored = looks === 'ignore';
  const value = isIgnored ? signOwn(secret, 'cookie', nowSeconds() + OWN_COOKIE_SECONDS) : '';
  const { protocol, pathname } = new URL(baseUrl);
  const site = protocol === 'https:' ? 'SameSite=None; Secure' : 'SameSite=Lax';
  const age = isIgnored ? OWN_COOKIE_SECONDS : 0;
  return `${OWN_COOKIE}=${value}; Max-Age=${age}; Path=${pathname}; HttpOnly; ${site}`;
}

function isIgnored(secret: Uint8Array, cookies = ''): boolean {
  return cookies.split(';').some((cookie) => {
    const [name, value = ''] = cookie.trim().split('=', 2);
    return name === OWN_COOKIE && checkOwn(secret, 'cookie', value, nowSeconds());
  });
}
