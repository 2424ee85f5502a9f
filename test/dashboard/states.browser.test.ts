// What is shown when there is nothing to show: nobody signed in, a token that may not, a store that is away,
// and a server where nothing has happened yet. Sessions that end are in sign-in.browser.test.ts.

import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { browserMissing } from '../browser.ts';
import { endAll, type Server } from '../server.ts';
import { inspect } from './inspection.ts';
import { type Dashboard, emptyServer, launch, openDashboard, openView, PHONE } from './rig.ts';

const PAGES = ['/', '/pixels', '/visits', '/campaigns', '/live', '/tokens'];

suite('where there is nothing to show', { skip: browserMissing, timeout: 300_000 }, () => {
  let dashboard: Dashboard;
  before(async () => {
    dashboard = await openDashboard();
  });
  after(() => dashboard?.close());

  test('401: nobody is signed in, a wrong token is said to be wrong, the right one goes on', async () => {
    const view = await dashboard.open('/pixels?search=lind', { token: null, refusals: [401] });
    const { page } = view;
    await page.waitForSelector('text=API token');
    await inspect(view, 'signed-out');
    await page.fill('input[type=password]', 'wrong');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[role=alert]');
    await inspect(view, 'wrong-token');
    await page.fill('input[type=password]', dashboard.token);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.pixel-table');
    assert.equal(page.url(), `${dashboard.url}/pixels?search=lind`);
    await view.close();
  });

  for (const scope of ['mint', 'read']) {
    test(`403: with ${scope} alone each page says what it may not, and offers nothing else`, async () => {
      const token = await dashboard.makeToken(`only ${scope}`, [scope]);
      for (const path of [...PAGES, `/pixels/${dashboard.landmarks.rich}`]) {
        const view = await dashboard.open(path, { token, refusals: [403] });
        await inspect(view, `scope-${scope}${path.replaceAll('/', '-').slice(0, 12)}`);
        const { page } = view;
        assert.equal(await page.isVisible('button:has-text("Mint")'), scope === 'mint');
        assert.equal(await page.isVisible('text=That was me'), false);
        assert.equal(await page.isVisible('text=Erase this pixel'), false);
        if (scope === 'mint') await page.waitForSelector('main >> text=/may not|for admins/');
        await view.close();
      }
    });
  }

  test('503: a store that is away is said to be, no page breaks, and it comes back by itself', async () => {
    const view = await dashboard.open('/pixels', { size: PHONE, refusals: [502, 503] });
    const { page } = view;
    await page.waitForSelector('.pixel-table');
    await page.route('**/v1/pixels?*', (route) =>
      route.fulfill({
        status: 503,
        contentType: 'application/problem+json',
        body: JSON.stringify({ status: 503, detail: 'the store is 12 s behind' }),
      }),
    );
    await page.fill('input[type=search]', 'ada');
    await page.waitForSelector('.trouble >> text=the store is 12 s behind');
    await inspect(view, 'store-away-390');
    await page.unroute('**/v1/pixels?*');
    // Nobody needs to press anything, but whoever does has it sooner.
    await page.click('text=Try again');
    await page.waitForSelector('.trouble', { state: 'detached' });
    await page.waitForSelector('.pixel-table >> text=ada');
    await view.close();
  });

  test('an address that is no page is 404 and says so', async () => {
    const reply = await dashboard.server.get('/nowhere');
    assert.equal(reply.status, 404);
  });
});

suite('a server where nothing has happened yet', { skip: browserMissing, timeout: 180_000 }, () => {
  let server: Server;
  let browser: Browser;
  before(async () => {
    server = await emptyServer();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    if (server === undefined) return;
    await endAll(server.dataDir);
    await rm(dirname(server.dataDir), { recursive: true, force: true });
  });

  for (const path of PAGES) {
    test(`${path} says what to do next`, async () => {
      const view = await openView(browser, server.baseUrl, path);
      await inspect(view, `empty${path.replaceAll('/', '-')}`);
      const text = (await view.page.textContent('main')) ?? '';
      assert.match(text, /mint|\/track|New token/i);
      await view.close();
    });
  }
});
