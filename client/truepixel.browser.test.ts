// The same module in a real browser, from a page of another origin that the operator has allowed.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { apiRig, TOKEN } from '../test/api-rig.ts';
import { browserMissing } from '../test/browser.ts';
import { launch } from '../test/dashboard/rig.ts';

test(
  'a page of another origin mints and reads with it',
  { skip: browserMissing, timeout: 60_000 },
  async () => {
    const site = createServer(({ url = '' }, response) => {
      const name = /^\/(\w+\.js)$/.exec(url)?.[1];
      if (name === undefined) {
        response.setHeader('content-type', 'text/html').end('<!doctype html><title>A site</title>');
        return;
      }
      response.setHeader('content-type', 'text/javascript');
      response.end(readFileSync(new URL(name, import.meta.url)));
    });
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    const { app } = apiRig({ corsOrigins: [origin] });
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const browser = await launch();
    try {
      const page = await browser.newPage();
      await page.goto(origin);
      const found = await page.evaluate<unknown[]>(`(async () => {
        const { Truepixel, TruepixelError } = await import('/truepixel.js');
        const truepixel = new Truepixel({ url: '${url}', token: '${TOKEN}' });
        const { code } = await truepixel.mint({ label: 'from a page' });
        const listed = [];
        for await (const pixel of truepixel.pixels()) listed.push(pixel.label);
        const stream = await truepixel.export('pixels', { format: 'ndjson' });
        const exported = (await new Response(stream).text()).includes(code);
        const error = await truepixel.pixel('nobody').catch((reason) => reason);
        return [listed, exported, error instanceof TruepixelError, error.problem.status];
      })()`);
      assert.deepEqual(found, [['from a page'], true, true, 404]);
    } finally {
      await browser.close();
      await app.close();
      site.closeAllConnections();
      site.close();
    }
  },
);
