// The ignore link in a real browser, under its real policy: follow it, press the button, look at an image.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chromium } from 'playwright-core';
import { apiRig, AUTHORIZED, SECRET } from '../../test/api-rig.ts';
import { browserMissing } from '../../test/browser.ts';
import { freePort } from '../../test/server.ts';
import { checkOwn, OWN_COOKIE } from '../hit/own-browser.ts';

test(
  'a browser whose owner pressed the button says so with every image, until its owner takes it back',
  { skip: browserMissing, timeout: 60_000 },
  async () => {
    const port = await freePort();
    const { app } = apiRig({ baseUrl: `http://127.0.0.1:${port}` });
    const cookies: (string | undefined)[] = [];
    app.get('/image/:name', { config: { scope: 'none' } }, async (request, reply) => {
      cookies.push(request.headers.cookie);
      return reply.code(204).send();
    });
    await app.listen({ host: '127.0.0.1', port });
    const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    try {
      const url = '/v1/own-browser-links';
      const reply = await app.inject({ method: 'POST', url, headers: AUTHORIZED });
      const context = await browser.newContext({ viewport: { width: 390, height: 800 } });
      const page = await context.newPage();
      const strange: string[] = [];
      page.on('console', (line) => strange.push(line.text()));
      const look = async (): Promise<string | undefined> => {
        const other = await context.newPage();
        await other.goto(`http://127.0.0.1:${port}/image/x.png`).catch(() => undefined);
        await other.close();
        return cookies.at(-1);
      };
      await page.goto(reply.json<{ url: string }>().url);
      assert.equal(await page.textContent('h2'), 'This browser’s looks are counted');
      assert.equal(await look(), undefined);
      await page.click('button');
      await page.waitForSelector('text=looks are ignored');
      const [name, value = ''] = ((await look()) ?? '').split('=');
      assert.equal(name, OWN_COOKIE);
      assert.ok(checkOwn(SECRET, 'cookie', value, Date.now() / 1000));
      const isTooWide = await page.evaluate<boolean>('document.body.scrollWidth > innerWidth');
      assert.equal(isTooWide, false);
      await page.click('button');
      await page.waitForSelector('text=looks are counted');
      assert.equal(await look(), undefined);
      assert.deepEqual(strange, []);
    } finally {
      await browser.close();
      await app.close();
    }
  },
);
