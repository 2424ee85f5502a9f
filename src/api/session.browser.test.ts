// Sessions in a real browser: that it takes the cookie, that no script sees it, and that a page of another
// origin, to which the browser does send it along, changes nothing by it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BrowserContext, chromium } from 'playwright-core';
import { apiRig, type Rig, TOKEN } from '../../test/api-rig.ts';
import { browserMissing, servePage } from '../../test/browser.ts';
import { freePort } from '../../test/server.ts';

const BROWSER = { skip: browserMissing, timeout: 60_000 };

interface Visit {
  readonly context: BrowserContext;
  readonly rig: Rig;
  readonly url: string;
  /** Of each request that came with a cookie of ours: method, path, and how it was answered. */
  readonly withCookie: string[];
}

/** `baseUrl` is what BASE_URL says; the browser comes to `http://<host>:<port>`. */
async function visit(
  host: string,
  baseUrl: (url: string) => string,
  look: (visit: Visit) => Promise<void>,
): Promise<void> {
  const port = await freePort();
  const url = `http://${host}:${port}`;
  const rig = apiRig({ baseUrl: baseUrl(url) });
  const withCookie: string[] = [];
  rig.app.addHook('onResponse', async (request, reply) => {
    if (!request.headers.cookie?.includes('truepixel_session=tps_')) return;
    withCookie.push(`${request.method} ${request.url} ${reply.statusCode}`);
  });
  await rig.app.listen({ host: '127.0.0.1', port });
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    await look({ context: await browser.newContext(), rig, url, withCookie });
  } finally {
    await browser.close();
    await rig.app.close();
  }
}

/** What `fetch` of the page at `from` gets: a status, or the error's name. */
async function fetchFrom(
  context: BrowserContext,
  from: string,
  target: string,
  init: object,
): Promise<number | string> {
  const page = await context.newPage();
  await page.goto(from);
  const script = `fetch(${JSON.stringify(target)}, ${JSON.stringify(init)})
    .then((answer) => answer.status, (error) => error.name)`;
  const outcome = await page.evaluate<number | string>(script);
  await page.close();
  return outcome;
}

const SIGN_IN = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ token: TOKEN }),
};
const LINKS = '/v1/own-browser-links';

test(
  'a browser signs in, changes things from our page, and no script sees the cookie',
  BROWSER,
  async () => {
    await visit(
      '127.0.0.1',
      (url) => url,
      async ({ context, url, withCookie }) => {
        const from = `${url}/`;
        assert.equal(await fetchFrom(context, from, `${url}/v1/session`, SIGN_IN), 200);
        assert.equal(await fetchFrom(context, from, `${url}/v1/session`, {}), 200);
        assert.equal(await fetchFrom(context, from, `${url}${LINKS}`, { method: 'POST' }), 201);
        const page = await context.newPage();
        await page.goto(from);
        assert.equal(await page.evaluate('document.cookie'), '');
        const [cookie] = await context.cookies();
        assert.deepEqual([cookie?.httpOnly, cookie?.sameSite], [true, 'Strict']);
        assert.equal(
          await fetchFrom(context, from, `${url}/v1/session`, { method: 'DELETE' }),
          204,
        );
        assert.deepEqual(await context.cookies(), []);
        assert.ok(withCookie.includes(`POST ${LINKS} 201`));
      },
    );
  },
);

test(
  'a page of another origin on the same site changes nothing, though the cookie comes along',
  BROWSER,
  async () => {
    await visit(
      '127.0.0.1',
      (url) => url,
      async ({ context, url, withCookie, rig }) => {
        assert.equal(await fetchFrom(context, `${url}/`, `${url}/v1/session`, SIGN_IN), 200);
        const [before] = await context.cookies();
        withCookie.length = 0;
        // To a browser a port makes another origin and not another site: SameSite=Strict does not help.
        const evil = await servePage(
          `<form method="post" action="${url}${LINKS}"><button>x</button></form>`,
        );
        try {
          const silent = { method: 'POST', mode: 'no-cors', credentials: 'include' };
          await fetchFrom(context, evil.url, `${url}${LINKS}`, silent);
          await fetchFrom(context, evil.url, `${url}/v1/session`, {
            ...SIGN_IN,
            ...silent,
            headers: {},
          });
          const mint = { mode: 'no-cors', credentials: 'include' };
          await fetchFrom(context, evil.url, `${url}/v1/api/gen-image`, mint);
          const page = await context.newPage();
          await page.goto(evil.url);
          await page.click('button');
          await page.waitForLoadState();
          assert.deepEqual(withCookie, [
            `POST ${LINKS} 403`,
            'POST /v1/session 403',
            'GET /v1/api/gen-image 403',
            `POST ${LINKS} 403`,
          ]);
          assert.deepEqual(rig.notes, []);
          assert.equal((await context.cookies())[0]?.value, before?.value);
        } finally {
          evil.close();
        }
      },
    );
  },
);

test(
  'with BASE_URL on https the bound cookie still works at this machine’s own address',
  BROWSER,
  async () => {
    await visit(
      'localhost',
      () => 'https://px.example',
      async ({ context, url }) => {
        const from = `${url}/`;
        assert.equal(await fetchFrom(context, from, `${url}/v1/session`, SIGN_IN), 200);
        const [cookie] = await context.cookies();
        assert.deepEqual([cookie?.name, cookie?.secure], ['__Host-truepixel_session', true]);
        assert.equal(await fetchFrom(context, from, `${url}/v1/session`, {}), 200);
        assert.equal(await fetchFrom(context, from, `${url}${LINKS}`, { method: 'POST' }), 201);
      },
    );
  },
);
