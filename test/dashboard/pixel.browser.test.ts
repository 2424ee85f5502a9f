// What can be done about a pixel on its page, against the real server: what is said stays said.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { browserMissing } from '../browser.ts';
import { CHROME } from './crowd.ts';
import { inspect, settled } from './inspection.ts';
import { type Dashboard, openDashboard, PHONE } from './rig.ts';
import { until } from './until.ts';

/** Long ago, so that no look is a machine's for its haste. */
const SENT_AT = '2026-03-01T08:15:31.000250Z';
/** Until every collector has heard of a pixel's new mode. */
const MODE_KNOWN_MS = 2_500;

suite('a pixel’s page', { skip: browserMissing, timeout: 300_000 }, () => {
  let dashboard: Dashboard;
  before(async () => {
    dashboard = await openDashboard();
  });
  after(() => dashboard?.close());

  /** A pixel of the test's own with one look at it, and its page. */
  async function lookedAt(label: string) {
    const reply = await fetch(`${dashboard.url}/v1/pixels`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${dashboard.token}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ label, sent_at: SENT_AT }),
    });
    const { code } = (await reply.json()) as { code: string };
    await dashboard.server.get(`/image/${code}.png`, { 'User-Agent': CHROME });
    const view = await dashboard.open(`/pixels/${code}`);
    await view.page.waitForSelector('.hit');
    return { code, ...view, view };
  }

  const opens = (page: Page, count: number) =>
    until(page, `document.querySelector('.tile-figure').textContent === '${count}'`);

  test('says of every hit why it is what it is, and in which zone', async () => {
    const { rich } = dashboard.landmarks;
    const view = await dashboard.open(`/pixels/${rich}?tz=Asia%2FTokyo`);
    await settled(view.page);
    const text = (await view.page.textContent('.hits')) ?? '';
    for (const words of [
      'Fetched by Apple’s privacy relay when mail arrived',
      'Most likely Apple’s privacy relay',
      'Gmail fetched the image because somebody looked',
      'Gmail fetched the image in advance',
      'Thunderbird showed the image and said its name',
      'behaves like a mail gateway',
      'from the network of Censys',
      'Barracuda said its name',
      'Slackbot made a preview',
      'Googlebot is a known crawler',
      'curl is what scripts and servers fetch with',
      'said nothing of what it is',
      'one of your own addresses',
    ]) {
      assert.ok(text.includes(words), words);
    }
    const hit = await view.page.$eval('.hit time', (time) => ({
      at: time.getAttribute('datetime') ?? '',
      text: time.textContent ?? '',
    }));
    const hour = new Date(Date.parse(hit.at) + 9 * 3_600_000).toISOString().slice(11, 19);
    assert.ok(hit.text.includes(hour), `${hit.text} is not ${hour}`);
    await view.close();
  });

  test('“that was me” takes a look out of the opens, and can be taken back', async () => {
    const { page, close } = await lookedAt('mine');
    await opens(page, 1);
    await page.click('text=That was me');
    await opens(page, 0);
    // The list may come a moment behind the counts.
    await until(
      page,
      `/Ignored.*that was me/s.test(document.querySelector('.hit')?.textContent ?? '')`,
    );
    await page.click('text=Undo');
    await opens(page, 1);
    await close();
  });

  test('a hit that comes in stands on the page within a second of its reply', async () => {
    const { code, page, close } = await lookedAt('live');
    await page.waitForSelector('.connection.live');
    await dashboard.server.get(`/image/${code}.png`, { 'User-Agent': 'curl/8.9.1' });
    const replied = Date.now();
    await page.waitForSelector('.hit >> text=curl is what scripts');
    const ms = Date.now() - replied;
    assert.ok(ms < 1_000, `${ms} ms`);
    await close();
  });

  test('a pixel that is switched off keeps nothing from then on, and says so', async () => {
    const { code, page, view } = await lookedAt('off');
    await page.click('.option >> text=Consent was withdrawn');
    await page.click('text=Switch');
    await page.waitForSelector('.pixel-facts .tag >> text=off');
    await inspect(view, 'pixel-off');
    await sleep(MODE_KNOWN_MS);
    await dashboard.server.get(`/image/${code}.png`, { 'User-Agent': CHROME });
    const { body } = await dashboard.server.api(`/v1/pixels/${code}/hits`);
    assert.equal((JSON.parse(body.toString()) as { hits: unknown[] }).hits.length, 1);
    await view.close();
  });

  test('its label and campaign are changed in place, and its sending time keeps its seconds', async () => {
    const { code, page, view } = await lookedAt('before');
    await page.click('text=Change');
    await page.fill('dialog >> label:text-is("Label")', 'after');
    await page.fill('dialog >> label:text-is("Campaign")', 'A new campaign');
    await inspect(view, 'pixel-change');
    await page.click('dialog >> text=Save');
    await page.waitForSelector('h1 >> text=after');
    const pixel = JSON.parse((await dashboard.server.api(`/v1/pixels/${code}`)).body.toString());
    const said = [pixel.label, pixel.campaign, pixel.sent_at];
    assert.deepEqual(said, ['after', 'A new campaign', SENT_AT]);
    await view.close();
  });

  test('erasing asks for its name, tells how far it is, and leaves nothing', async () => {
    const { code, page, view } = await lookedAt('Doomed');
    await page.click('text=Erase this pixel');
    const erase = page.locator('dialog >> button:has-text("Erase it")');
    assert.equal(await erase.isDisabled(), true);
    await page.fill('dialog input', 'doomed');
    assert.equal(await erase.isDisabled(), true, 'nearly its name is not its name');
    await page.fill('dialog input', 'Doomed');
    await inspect(view, 'pixel-erase');
    await erase.click();
    await page.waitForSelector('dialog >> text=/^Erased$/', { timeout: 30_000 });
    await inspect(view, 'pixel-erased');
    await page.keyboard.press('Escape');
    await page.waitForSelector('h1 >> text=Pixels');
    await view.close();
    assert.equal((await dashboard.server.api(`/v1/pixels/${code}`)).status, 404);
    const gone = await dashboard.open(`/pixels/${code}`, { refusals: [404], size: PHONE });
    await gone.page.waitForSelector('text=No pixel has this code');
    await gone.close();
  });

  test('its hits can be taken along as a file', async () => {
    const { rich } = dashboard.landmarks;
    const view = await dashboard.open(`/pixels/${rich}`);
    await view.page.click('summary:has-text("Export")');
    const downloading = view.page.waitForEvent('download');
    await view.page.click('.menu >> text=CSV');
    const file = await (await downloading).path();
    const lines = (await readFile(file, 'utf8')).trim().split('\n');
    assert.ok(lines.length > 20, `${lines.length} lines`);
    assert.ok(lines.slice(1).every((line) => line.includes(rich)));
    await view.close();
  });
});
