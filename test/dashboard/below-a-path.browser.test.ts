// The dashboard behind a proxy that puts it under a path of its own and cuts that path off again, as
// BASE_URL says and the server never sees.

import assert from 'node:assert/strict';
import { createServer, request, type Server } from 'node:http';
import { after, before, suite, test } from 'node:test';
import { browserMissing } from '../browser.ts';
import { freePort } from '../server.ts';
import { inspect, settled } from './inspection.ts';
import { type Dashboard, launch, openDashboard, openView } from './rig.ts';

const PATH = '/below/here';

/** Passes what is under {@link PATH} on to `target` without it; anything else is not its. */
function proxy(target: string, port: number): Promise<Server> {
  const server = createServer((message, reply) => {
    const { url = '', method, headers } = message;
    if (!url.startsWith(`${PATH}/`)) {
      reply.writeHead(418).end();
      return;
    }
    const passed = request(target + url.slice(PATH.length), { method, headers }, (answer) => {
      reply.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(reply);
    });
    passed.on('error', () => reply.destroy());
    message.pipe(passed);
  });
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
}

suite('behind a proxy under a path', { skip: browserMissing, timeout: 120_000 }, () => {
  let dashboard: Dashboard;
  let server: Server;
  let url: string;
  before(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}${PATH}`;
    dashboard = await openDashboard({ BASE_URL: url });
    server = await proxy(dashboard.url, port);
  });
  after(async () => {
    server?.closeAllConnections();
    server?.close();
    await dashboard?.close();
  });

  test('every page is there, deep ones too, and asks for nothing outside of it', async () => {
    const browser = await launch();
    try {
      const view = await openView(browser, url, `/pixels/${dashboard.landmarks.rich}?tz=UTC`);
      const { page } = view;
      await settled(page);
      await page.click('nav >> text=Visits');
      await page.waitForSelector('.plot canvas');
      assert.equal(page.url(), `${url}/visits?tz=UTC`);
      await page.reload();
      await page.waitForSelector('.plot-map canvas');
      await page.click('nav >> text=Overview');
      await page.waitForSelector('h1:has-text("Overview")');
      assert.equal(page.url(), `${url}/?tz=UTC`);
      await page.goBack();
      await page.waitForSelector('h1:has-text("Visits")');
      await inspect(view, 'below-a-path');
    } finally {
      await browser.close();
    }
  });
});
