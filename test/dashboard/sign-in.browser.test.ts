// Signing in to the dashboard in a real browser: by the link that a start prints, by pasting a token, and
// again after a session has ended.

import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Page } from 'playwright-core';
import { browserMissing } from '../browser.ts';
import { TEST_TOKEN } from '../server.ts';
import { inspect, settled } from './inspection.ts';
import { type Dashboard, openDashboard, PHONE } from './rig.ts';

const SIGN_IN = 'button:has-text("Sign in")';
const heading = (page: Page): Promise<string | null> => page.textContent('main h1');

suite('signing in', { skip: browserMissing, timeout: 120_000 }, () => {
  let dashboard: Dashboard;
  before(async () => {
    dashboard = await openDashboard();
  });
  after(() => dashboard.close());

  test('asks for the token in a page of its own, light and dark', async () => {
    for (const theme of ['light', 'dark'] as const) {
      const view = await dashboard.open('/visits', {
        theme,
        size: PHONE,
        token: null,
        refusals: [401],
      });
      await view.page.waitForSelector(SIGN_IN);
      await inspect(view, `sign-in-${theme}-phone`);
      await view.close();
    }
  });

  test('by the link leaves the token neither in the address nor in the history', async () => {
    const look = { token: null };
    const view = await dashboard.open(`/visits?range=7d#token=${TEST_TOKEN}`, look);
    const { page } = view;
    await page.waitForSelector('h1:has-text("Visits")');
    assert.equal(page.url(), `${dashboard.url}/visits?range=7d`);
    await page.goto(`${dashboard.url}/tokens`);
    await page.waitForSelector('h1:has-text("Tokens")');
    await page.goBack();
    await page.waitForSelector('h1:has-text("Visits")');
    assert.doesNotMatch(page.url(), /token=/);
    const kept = await page.evaluate<string>(
      'JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }])',
    );
    assert.ok(!kept.includes(TEST_TOKEN), kept);
    assert.equal(await page.evaluate('document.cookie'), '');
    assert.deepEqual(view.strange, []);
    await view.close();
  });

  test('by the link works in a tab that asks for the token already', async () => {
    const view = await dashboard.open('/visits', { token: null, refusals: [401] });
    const { page } = view;
    await page.waitForSelector(SIGN_IN);
    await page.goto(`${dashboard.url}/visits#token=${TEST_TOKEN}`);
    await page.waitForSelector('h1:has-text("Visits")');
    assert.equal(page.url(), `${dashboard.url}/visits`);
    await view.close();
  });

  test('by a link that is no good is said, and leaves whoever is signed in as they are', async () => {
    const bad = '/visits#token=used-before';
    const stranger = await dashboard.open(bad, { token: null, refusals: [401] });
    await stranger.page.waitForSelector(SIGN_IN);
    assert.match((await stranger.page.textContent('main')) ?? '', /This link does not sign in/);
    assert.doesNotMatch(stranger.page.url(), /used-before/);
    await stranger.close();
    const known = await dashboard.open(bad, { refusals: [401] });
    await known.page.waitForSelector('h1:has-text("Visits")');
    await known.close();
  });

  test('with a wrong token is refused in words, and the right one then works', async () => {
    const view = await dashboard.open('/', { token: null, refusals: [401] });
    const { page } = view;
    await page.fill('input[type=password]', 'not-a-token-of-this-server');
    await page.click(SIGN_IN);
    await page.waitForSelector('[role=alert]');
    assert.match((await page.textContent('[role=alert]')) ?? '', /no token of this server/);
    await page.fill('input[type=password]', ` ${TEST_TOKEN}\n`);
    await page.keyboard.press('Enter');
    await page.waitForSelector('h1:has-text("Overview")');
    assert.deepEqual(view.strange, []);
    await view.close();
  });

  test('is asked for again, with a word why, when the session has ended elsewhere', async () => {
    const view = await dashboard.open('/visits', { refusals: [401] });
    const { page } = view;
    await page.waitForSelector('h1:has-text("Visits")');
    await page.waitForSelector('.plot-map canvas');
    await settled(page);
    await page.context().clearCookies();
    await page.click('button:has-text("7 d")');
    await page.waitForSelector(SIGN_IN);
    assert.match((await page.textContent('main')) ?? '', /Your session has ended/);
    await page.fill('input[type=password]', TEST_TOKEN);
    await page.click(SIGN_IN);
    await page.waitForSelector('h1:has-text("Visits")');
    assert.match(page.url(), /range=7d/);
    await view.close();
  });

  test('is undone by signing out, and nobody comes back by the history', async () => {
    const view = await dashboard.open('/', { refusals: [401] });
    const { page } = view;
    await page.click('button:has-text("Sign out")');
    await page.waitForSelector(SIGN_IN);
    assert.equal(await heading(page), 'Truepixel');
    await page.goto(`${dashboard.url}/visits`);
    await page.waitForSelector(SIGN_IN);
    await view.close();
  });
});
