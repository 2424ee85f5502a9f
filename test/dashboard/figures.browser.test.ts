// The pages of figures in a real browser, over a real server with five weeks of history: that they show
// what the API answers, and keep what was chosen in the address.

import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Page } from 'playwright-core';
import { browserMissing } from '../browser.ts';
import { TEST_TOKEN } from '../server.ts';
import { inspect, settled } from './inspection.ts';
import { type Dashboard, openDashboard } from './rig.ts';
import { until } from './until.ts';

const FIGURE = '.tile-figure';

let dashboard: Dashboard;

async function ask<Answer>(path: string): Promise<Answer> {
  const headers = { authorization: `Bearer ${TEST_TOKEN}` };
  const response = await fetch(`${dashboard.url}${path}`, { headers });
  assert.equal(response.status, 200, path);
  return (await response.json()) as Answer;
}

const texts = async (page: Page, selector: string): Promise<string[]> =>
  (await page.locator(selector).allTextContents()).map((text) => text.trim());

/** `1,234` as a number. */
const figures = async (page: Page, selector: string): Promise<number[]> =>
  (await texts(page, selector)).map((text) => Number(text.replaceAll(',', '')));

/** Everything that is drawn has been drawn. */
async function drawn(page: Page): Promise<void> {
  await page.waitForSelector('.plot canvas');
  await settled(page);
}

suite('pages of figures', { skip: browserMissing, timeout: 300_000 }, () => {
  before(async () => {
    dashboard = await openDashboard();
  });
  after(() => dashboard.close());

  test('the overview shows the four counts as the API counts them, side by side', async () => {
    const view = await dashboard.open('/?from=2000-01-01&to=2069-12-31&tz=UTC');
    await drawn(view.page);
    const { totals } = await ask<{ totals: Record<string, number> }>(
      '/v1/statistics/opens?from=2000-01-01&to=2070-01-01',
    );
    const shown = await figures(view.page, `.panel:first-of-type ${FIGURE}`);
    const names = ['opens', 'unique_opens', 'unverified', 'machine'];
    assert.deepEqual(
      shown.slice(0, 4),
      names.map((each) => totals[each]),
    );
    assert.ok(totals['opens'] !== undefined && totals['opens'] > 100);
    await view.close();
  });

  test('a chart can be read as a table, which has the same figures', async () => {
    const view = await dashboard.open('/visits?range=7d&tz=UTC');
    const { page } = view;
    await drawn(page);
    await page.click('.chart button:has-text("Table")');
    const rows = await page.locator('.chart-table tbody tr').count();
    assert.equal(rows, 7);
    const column = await figures(page, '.chart-table tbody tr td:nth-of-type(1)');
    const [visits] = await figures(page, FIGURE);
    assert.equal(
      column.reduce((sum, each) => sum + each, 0),
      visits,
    );
    await inspect(view, 'visits-as-table');
    await view.close();
  });

  test('range and zone stay in the address and go along to other pages', async () => {
    const view = await dashboard.open('/');
    const { page } = view;
    await page.click('button:has-text("the last 7 days")');
    await page.selectOption('.zone select', 'Pacific/Auckland');
    await page.click('nav >> text=Visits');
    await page.waitForSelector('h1:has-text("Visits")');
    const { searchParams } = new URL(page.url());
    assert.equal(searchParams.get('range'), '7d');
    assert.equal(searchParams.get('tz'), 'Pacific/Auckland');
    assert.equal(
      await page.getAttribute('button:has-text("the last 7 days")', 'aria-pressed'),
      'true',
    );
    await page.goBack();
    await page.waitForSelector('h1:has-text("Overview")');
    await page.reload();
    await page.waitForSelector('h1:has-text("Overview")');
    assert.equal(await page.inputValue('.zone select'), 'Pacific/Auckland');
    await view.close();
  });

  test('two days are chosen by keyboard alone', async () => {
    const view = await dashboard.open('/visits?tz=UTC');
    const { page } = view;
    await drawn(page);
    await page.focus('button:has-text("Days …")');
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog[open]');
    await page.fill('dialog input >> nth=0', '2026-01-05');
    await page.fill('dialog input >> nth=1', '2026-01-04');
    assert.match((await page.textContent('dialog [role=status]')) ?? '', /lies before/);
    assert.ok(await page.isDisabled('dialog button[type=submit]'));
    await page.fill('dialog input >> nth=1', '2026-01-06');
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog[open]', { state: 'detached' });
    assert.match(page.url(), /from=2026-01-05&to=2026-01-06/);
    await page.waitForSelector('text=No visits in this time');
    await inspect(view, 'visits-empty');
    await view.close();
  });

  test('a click on a row filters by it, in the address, until its chip is taken off', async () => {
    const view = await dashboard.open('/visits');
    const { page } = view;
    await drawn(page);
    const [all = 0] = await figures(page, FIGURE);
    await page.click('section:has(h2:text-is("Systems")) button:has-text("iOS")');
    await page.waitForSelector('.chips >> text=System: iOS');
    assert.equal(new URL(page.url()).searchParams.get('os'), 'iOS');
    await settled(page);
    const [some = 0] = await figures(page, FIGURE);
    assert.ok(some > 0 && some < all, `${some} of ${all}`);
    await inspect(view, 'visits-filtered');
    await page.click('.chips button');
    await page.waitForSelector('.chips', { state: 'detached' });
    await settled(page);
    assert.equal((await figures(page, FIGURE))[0], all);
    await view.close();
  });

  test('the map knows the countries that the list knows, and a click on one filters', async () => {
    const view = await dashboard.open('/visits?range=90d');
    const { page } = view;
    await page.waitForSelector('.plot-map canvas');
    await settled(page);
    const label = await page.getAttribute('.plot-map', 'aria-label');
    const { groups } = await ask<{ groups: { value: string | null }[] }>(
      '/v1/statistics/visits?from=2000-01-01&split=country&limit=300',
    );
    const known = groups.filter(({ value }) => value !== null).length;
    assert.match(label ?? '', new RegExp(`from ${known} countries`));
    await page.click('section:has(h2:text-is("Countries")) button:has-text("Germany")');
    await page.waitForSelector('.chips >> text=Country: Germany');
    assert.equal(new URL(page.url()).searchParams.get('country'), 'DE');
    await view.close();
  });

  test('campaigns are compared as they are ticked, and the address remembers which', async () => {
    const view = await dashboard.open('/campaigns?range=90d');
    const { page } = view;
    await drawn(page);
    const named = await texts(page, 'tbody th a');
    assert.ok(named.includes('Autumn newsletter') && named.includes('Without a campaign'));
    const ticked = page.locator('tbody input:checked');
    while ((await ticked.count()) > 0) await ticked.first().click();
    await page.waitForSelector('.plot', { state: 'detached' });
    await page.check('input[aria-label="Compare Without a campaign"]');
    await page.check('input[aria-label="Compare Autumn newsletter"]');
    const compared = (): string[] => new URL(page.url()).searchParams.getAll('compare');
    assert.deepEqual(compared(), ['', 'Autumn newsletter']);
    await page.reload();
    await page.waitForSelector('.keys >> text=Without a campaign');
    assert.deepEqual(await texts(page, '.key-name'), ['Without a campaign', 'Autumn newsletter']);
    await page.fill('input[type=search]', 'autumn');
    await until(page, `document.querySelectorAll('tbody th a').length === 1`);
    await inspect(view, 'campaigns-found');
    await view.close();
  });

  test('the theme is switched, kept, and seen by the charts', async () => {
    const view = await dashboard.open('/', { theme: 'light' });
    const { page } = view;
    await drawn(page);
    const ground = (): Promise<string> =>
      page.evaluate('getComputedStyle(document.body).backgroundColor');
    const light = await ground();
    await page.click('button.theme');
    await page.click('button.theme');
    assert.notEqual(await ground(), light);
    await page.reload();
    await drawn(page);
    assert.notEqual(await ground(), light);
    await inspect(view, 'overview-chosen-dark');
    await view.close();
  });
});
