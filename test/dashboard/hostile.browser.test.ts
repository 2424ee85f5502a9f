// What hostile clients send, on every page that shows any of it: it is there to be read, character for
// character, and it never is anything but text.

import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { browserMissing } from '../browser.ts';
import { HOSTILE_AGENTS, HOSTILE_LABELS, HOSTILE_REFERRERS } from './hostile.ts';
import { inspect, settled } from './inspection.ts';
import { type Dashboard, openDashboard, PHONE } from './rig.ts';
import { until } from './until.ts';

/** As the page shows it: what would be unseen stands there by its number. */
const shown = (text: string): string =>
  text.replaceAll(
    /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (mark) => `U+${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** What a header of HTTP can hold. */
const isSendable = (text: string): boolean => /^[\u0020-\u007e]*$/.test(text);

suite('hostile text', { skip: browserMissing, timeout: 300_000 }, () => {
  let dashboard: Dashboard;
  before(async () => {
    dashboard = await openDashboard();
  });
  after(() => dashboard?.close());

  test('stands whole on the page of its pixel, in everything that a client sent', async () => {
    const view = await dashboard.open(`/pixels/${dashboard.landmarks.hostile}`, { size: PHONE });
    const { page } = view;
    await settled(page);
    await page.evaluate(
      `document.querySelectorAll('details').forEach((one) => { one.open = true; })`,
    );
    const text = await page.evaluate<string>('document.body.textContent');
    for (const sent of [...HOSTILE_AGENTS, ...HOSTILE_REFERRERS, ...HOSTILE_LABELS.slice(0, 3)]) {
      assert.ok(text.includes(shown(sent)), `${sent.slice(0, 60)} is not on the page`);
    }
    await inspect(view, 'hostile-pixel-390');
    await view.close();
  });

  for (const path of ['/pixels?search=pwned', '/visits', '/campaigns', '/']) {
    test(`does nothing on ${path}`, async () => {
      const view = await dashboard.open(path);
      await inspect(view, `hostile${path.replaceAll(/\W/g, '-')}`);
      await view.close();
    });
  }

  test('does nothing as it comes in live', async () => {
    const view = await dashboard.open('/live');
    await view.page.waitForSelector('.connection.live');
    const agents = HOSTILE_AGENTS.filter(isSendable);
    for (const [i, agent] of agents.entries()) {
      const referrer = HOSTILE_REFERRERS.filter(isSendable)[i] ?? '';
      const path = i % 2 === 0 ? `/image/${dashboard.landmarks.hostile}.png` : '/track';
      await dashboard.server.get(path, { 'User-Agent': agent, Referer: referrer });
    }
    await until(
      view.page,
      `document.querySelectorAll('.live-hits > .hit').length === ${agents.length}`,
    );
    const text = await view.page.evaluate<string>('document.body.textContent');
    for (const agent of agents) assert.ok(text.includes(agent), agent.slice(0, 60));
    await inspect(view, 'hostile-live');
    await view.close();
  });
});
