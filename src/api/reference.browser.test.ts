// The reference page in a real browser, under its real policy: it reads well at any width and by any light,
// asks no other host, and its forms ask what they say.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { apiRig, type Rig, TOKEN } from '../../test/api-rig.ts';
import { browserMissing } from '../../test/browser.ts';
import { inspect } from '../../test/dashboard/inspection.ts';
import { launch, openView, PHONE, WIDE } from '../../test/dashboard/rig.ts';
import { freePort } from '../../test/server.ts';

const PATH = '/v1/reference';
/** So that a server which knows nobody may say so. */
const NOBODY = [401];

describe('the reference', { skip: browserMissing, timeout: 120_000 }, () => {
  let rig: Rig;
  let browser: Browser;
  let url: string;

  before(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    rig = apiRig({ baseUrl: url });
    await rig.app.listen({ host: '127.0.0.1', port });
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await rig?.app.close();
  });

  for (const theme of ['light', 'dark'] as const) {
    for (const [width, size] of [
      ['wide', WIDE],
      ['phone', PHONE],
    ] as const) {
      test(`${theme} and ${width}, it is whole and keeps nobody out`, async () => {
        const view = await openView(browser, url, PATH, {
          theme,
          size,
          token: null,
          refusals: NOBODY,
        });
        const article = view.page.locator('#mintPixel');
        await article.locator('.try > summary').click();
        await view.page.evaluate('scrollTo(0, 0)');
        await inspect(view, `reference-${theme}-${width}`, { fullPage: false });
        await view.close();
      });
    }
  }

  test('a form asks with the token that was pasted, and shows the answer', async () => {
    const view = await openView(browser, url, PATH, { token: null, refusals: NOBODY });
    const { page } = view;
    const mint = page.locator('#mintPixel');
    await mint.locator('.try > summary').click();
    await mint.locator('textarea').fill('{"label": "<b>tried</b>"}');
    await mint.getByRole('button', { name: 'Send' }).click();
    await mint.locator('.outcome', { hasText: '401' }).waitFor();
    assert.match((await mint.locator('.result').textContent()) ?? '', /"status": 401/);
    await page.getByLabel('Token', { exact: true }).fill(TOKEN);
    await mint.getByRole('button', { name: 'Send' }).click();
    await mint.locator('.outcome', { hasText: '201 Created' }).waitFor();
    const pixel = JSON.parse((await mint.locator('.result').textContent()) ?? '');
    assert.equal(pixel.label, '<b>tried</b>');
    assert.equal(await mint.locator('.result b').count(), 0);

    const read = page.locator('#readPixel');
    await read.locator('.try > summary').click();
    await read.locator('input[name=code]').fill(pixel.code);
    await read.getByRole('button', { name: 'Copy as curl' }).click();
    await read.locator('.outcome', { hasText: 'Copied' }).waitFor();
    assert.equal(
      await page.evaluate('navigator.clipboard.readText()'),
      `curl -H 'authorization: Bearer TOKEN' '${url}/v1/pixels/${pixel.code}'`,
    );
    await read.getByRole('button', { name: 'Send' }).click();
    await read.locator('.outcome', { hasText: '200 OK' }).waitFor();
    assert.deepEqual(view.strange, []);
    await view.close();
  });

  test('who is signed in needs no token, and is asked before what changes the server', async () => {
    const view = await openView(browser, url, PATH, { token: TOKEN });
    const { page } = view;
    const asked: string[] = [];
    page.removeAllListeners('dialog');
    page.on('dialog', (dialog) => {
      asked.push(dialog.message());
      void (asked.length === 1 ? dialog.dismiss() : dialog.accept());
    });
    const link = page.locator('#makeOwnBrowserLink');
    await link.locator('.try > summary').click();
    await page.locator('#who', { hasText: 'Signed in as installation' }).waitFor();
    await link.getByRole('button', { name: 'Send' }).click();
    await link.getByRole('button', { name: 'Send' }).click();
    await link.locator('.outcome', { hasText: '201' }).waitFor();
    assert.deepEqual(asked, Array(2).fill('POST /v1/own-browser-links: really do this?'));
    assert.deepEqual(view.strange, []);
    await view.close();
  });

  test('what is typed finds operations by words and names', async () => {
    const view = await openView(browser, url, PATH, { token: null });
    const { page } = view;
    const shown = page.locator('#contents li li:visible');
    const all = await shown.count();
    await page.getByLabel('Find an operation').fill('genimage');
    assert.equal(await shown.count(), 1);
    await page.getByLabel('Find an operation').fill('nothing like this');
    assert.equal(await shown.count(), 0);
    assert.ok(await page.locator('#nothing').isVisible());
    await page.getByLabel('Find an operation').fill('');
    assert.equal(await shown.count(), all);
    await view.close();
  });
});
