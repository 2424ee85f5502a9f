// The root page in a real browser, under its real policy: mint a pixel, look at it, see the open.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chromium, type Page } from 'playwright-core';
import { apiRig, type Rig, someOpens, TOKEN } from '../../test/api-rig.ts';
import { browserMissing } from '../../test/browser.ts';
import { freePort } from '../../test/server.ts';

const GIF = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
const MINT = 'text=Mint a pixel';
const LOOK = 'text=Look at it once';
const PAGE = { skip: browserMissing, timeout: 60_000 };

interface Visit {
  readonly page: Page;
  readonly rig: Rig;
  readonly url: string;
  /** What went wrong in the page, and what it asked of others. */
  readonly strange: string[];
}

/** Opens the page of an API whose images are collected and loaded on the spot. */
async function visit(fragment: string, look: (visit: Visit) => Promise<void>): Promise<void> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const rig = apiRig({ baseUrl: url });
  serveImages(rig);
  await rig.app.listen({ host: '127.0.0.1', port });
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ viewport: { width: 390, height: 800 } });
    const strange: string[] = [];
    page.on('pageerror', (error) => strange.push(String(error)));
    page.on('console', (line) => strange.push(line.text()));
    page.on('request', (asked) => {
      if (!asked.url().startsWith(url) && !asked.url().startsWith('data:'))
        strange.push(asked.url());
    });
    await page.goto(`${url}/${fragment}`);
    await look({ page, rig, url, strange });
  } finally {
    await browser.close();
    await rig.app.close();
  }
}

function serveImages({ app, store }: Rig): void {
  let looks = 0;
  app.get('/image/:name', { config: { scope: 'none' } }, async (request, reply) => {
    const { name } = request.params as { name: string };
    const [open] = someOpens(name.replace('.png', ''), 1, { address: '192.0.2.77' });
    assert.ok(open);
    looks++;
    const hits = [{ ...open, id: { ...open.id, position: looks } }];
    await store.load({ hits, notes: [], progress: `${looks}` });
    return reply.type('image/gif').send(GIF);
  });
}

test(
  'a newcomer mints, looks twice and sees both opens, with nothing blocked and nobody else asked',
  PAGE,
  () =>
    visit(`#token=${TOKEN}`, async ({ page, rig, url, strange }) => {
      await page.click(MINT);
      await page.waitForSelector('#minted:not([hidden])');
      assert.equal(await page.textContent('#opens'), 'Opened 0 times');
      assert.equal(await page.textContent('#image-url'), `${url}/image/${rig.notes[0]?.code}.png`);
      await page.click(LOOK);
      await page.waitForSelector('#hits tbody tr');
      await page.click(LOOK);
      await page.waitForSelector('#hits tbody tr:nth-child(2)');
      assert.equal(await page.textContent('#opens'), 'Opened 2 times');
      assert.match((await page.textContent('#hits tbody')) ?? '', /192\.0\.2\.77/);
      const isTooWide = await page.evaluate<boolean>('document.body.scrollWidth > innerWidth');
      assert.equal(isTooWide, false);
      assert.deepEqual(strange, []);
    }),
);

test(
  'the token leaves the address at once; a wrong one is said to be wrong and may be corrected',
  PAGE,
  () =>
    visit('#token=wrong', async ({ page, rig, url }) => {
      assert.equal(page.url(), `${url}/`);
      assert.equal(await page.isVisible('#token'), false);
      await page.click(MINT);
      await page.waitForSelector('#message:not(:empty)');
      assert.match((await page.textContent('#message')) ?? '', /not the API token/);
      assert.equal(rig.notes.length, 0);
      await page.fill('#token', TOKEN);
      await page.click(MINT);
      await page.waitForSelector('#minted:not([hidden])');
      assert.equal(await page.textContent('#message'), '');
      assert.equal(rig.notes.length, 1);
    }),
);
