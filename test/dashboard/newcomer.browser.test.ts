// What a newcomer does, without a mouse: the printed link, a pixel, its HTML, a look at it, and the hit with
// its verdict, on a page that was never loaded again.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browserMissing } from '../browser.ts';
import { dataFolder } from '../e2e.ts';
import { freePort, startServer } from '../server.ts';
import { CHROME } from './crowd.ts';
import { inspect } from './inspection.ts';
import { press, tabTo } from './keyboard.ts';
import { buildDashboard, launch, openView } from './rig.ts';
import { until } from './until.ts';

test(
  'a newcomer follows the printed link, mints, copies, looks, and sees the hit and its verdict',
  { skip: browserMissing, timeout: 180_000 },
  async (context) => {
    const dataDir = await dataFolder(context);
    buildDashboard();
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const server = await startServer({
      dataDir,
      port,
      throughLauncher: true,
      env: { API_TOKEN: '', BASE_URL: url },
    });
    const fragment = /\/(#token=\S+)/.exec(server.stdout)?.[1] ?? '';
    assert.notEqual(fragment, '', 'the greeting has a link that signs in');
    const browser = await launch();
    context.after(() => browser.close());
    const look = { token: null, refusals: [401], userAgent: CHROME } as const;
    const view = await openView(browser, url, `/${fragment}`, look);
    const { page } = view;
    await page.waitForSelector('nav');
    assert.equal(page.url(), `${url}/`, 'the token leaves the address at once');
    await page.evaluate('window.neverLoadedAgain = true');
    await inspect(view, 'newcomer');

    await press(page, 'Mint a pixel');
    await page.waitForSelector('dialog[open] input');
    await tabTo(page, 'Recipient');
    await page.keyboard.type('ada@lindqvist.example');
    await tabTo(page, 'Campaign');
    await page.keyboard.type('First mails');
    await inspect(view, 'newcomer-mints');
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog >> text=Minted');
    await press(page, 'Copy the HTML');
    await page.waitForSelector('dialog >> text=Copied');
    const html = await page.evaluate<string>('navigator.clipboard.readText()');
    assert.match(html, new RegExp(`^<img src="${url}/image/[A-Za-z0-9]{16}\\.png"`));
    await inspect(view, 'newcomer-minted');

    await press(page, 'Go to its page');
    await page.waitForSelector('text=Nobody has looked yet');
    await page.waitForSelector('.connection.live');
    const opened = page.context().waitForEvent('page');
    await press(page, 'Open the image');
    const tab = await opened;
    await tab.waitForLoadState();
    await tab.close();
    await page.bringToFront();
    await page.waitForSelector('.hit >> text=Chrome showed the image');
    assert.equal(await page.textContent('.hit .standing'), 'Open');
    await until(page, `document.querySelector('.tile-figure').textContent === '1'`);
    assert.equal(await page.evaluate('window.neverLoadedAgain'), true);
    await inspect(view, 'newcomer-sees-the-hit');
  },
);
