// Minting for a mailing, and tokens, against the real server: what is shown once must be right at once.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, suite, test } from 'node:test';
import { browserMissing } from '../browser.ts';
import { inspect } from './inspection.ts';
import { type Dashboard, openDashboard, PHONE } from './rig.ts';

const MANY = 10_000;

suite('dialogs that make things', { skip: browserMissing, timeout: 300_000 }, () => {
  let dashboard: Dashboard;
  before(async () => {
    dashboard = await openDashboard();
  });
  after(() => dashboard?.close());

  const total = async (campaign: string): Promise<number> => {
    const query = `?campaign=${encodeURIComponent(campaign)}&limit=1`;
    const { body } = await dashboard.server.api(`/v1/pixels${query}`);
    return (JSON.parse(body.toString()) as { total: number }).total;
  };

  test('ten thousand recipients become as many pixels and a file, once however often tried', async () => {
    const view = await dashboard.open('/pixels', { refusals: [503] });
    const { page } = view;
    await page.click('.side >> text=Mint');
    await page.click('text=One for each of many');
    const recipients = Array.from({ length: MANY }, (_, i) => `reader${i}@mailing.example`);
    const pasted = [...recipients, 'reader0@mailing.example'].join('\n');
    await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(pasted)})`);
    await page.focus('dialog textarea');
    await page.keyboard.press('ControlOrMeta+V');
    await page.waitForSelector('text=1 line said again what another did');
    await page.fill('dialog >> label:text-is("Campaign")', 'Ten thousand');
    await inspect(view, 'mint-many');
    // The answer is lost on the way: the server has minted, and the page does not know.
    await page.route('**/v1/pixels/batch', async (route) => {
      await route.fetch({ timeout: 60_000 });
      await route.fulfill({ status: 503, body: '' });
    });
    await page.click('text=Mint 10,000 pixels');
    await page.waitForSelector('dialog .trouble', { timeout: 60_000 });
    await page.unroute('**/v1/pixels/batch');
    assert.equal(await total('Ten thousand'), MANY);
    await page.click('text=Mint 10,000 pixels');
    await page.waitForSelector('text=10,000 pixels minted', { timeout: 60_000 });
    assert.equal(await total('Ten thousand'), MANY);
    await inspect(view, 'minted-many');
    const downloading = page.waitForEvent('download');
    await page.click('text=Download as CSV');
    const csv = await readFile(await (await downloading).path(), 'utf8');
    const [head, ...rows] = csv.trim().split('\r\n');
    assert.equal(head, '"recipient","code","image_url","image_html"');
    assert.equal(rows.length, MANY);
    const code = /^"reader7@mailing\.example","(\w{16})"/.exec(rows[7] ?? '')?.[1] ?? '';
    const { body } = await dashboard.server.api(`/v1/pixels/${code}`);
    const pixel = JSON.parse(body.toString()) as { recipient: string; image_html: string };
    assert.equal(pixel.recipient, 'reader7@mailing.example');
    assert.ok(rows[7]?.endsWith(`,"${pixel.image_html.replaceAll('"', '""')}"`));
    await view.close();
  });

  test('on a phone the dialog fits, says what is wrong with metadata, and gives the HTML', async () => {
    const view = await dashboard.open('/live', { size: PHONE, theme: 'dark' });
    const { page } = view;
    await page.click('.side >> text=Mint');
    await page.fill('dialog >> label:text-is("Label")', 'From a phone');
    await page.click('text=Mode and metadata');
    await page.fill('dialog >> label:text-is("Metadata")', '{"deal":');
    await page.waitForSelector('text=This is no JSON yet');
    await inspect(view, 'mint-metadata-390');
    assert.equal(await page.isDisabled('dialog >> text=Mint it'), true);
    await page.fill('dialog >> label:text-is("Metadata")', '{"deal": 7}');
    await page.click('dialog >> text=Mint it');
    await page.waitForSelector('dialog >> text=<img src=');
    await inspect(view, 'minted-390');
    await view.close();
  });

  test('a token is shown once, works, and is revoked', async () => {
    const view = await dashboard.open('/tokens');
    const { page } = view;
    await page.click('text=New token');
    await page.fill('dialog >> label:text-is("Name")', 'Newsletter <b>script</b>');
    await inspect(view, 'token-new');
    await page.click('text=Make the token');
    await page.waitForSelector('dialog >> text=not shown again');
    const token = (await page.textContent('dialog pre')) ?? '';
    await inspect(view, 'token-made');
    const use = () =>
      fetch(`${dashboard.url}/v1/pixels?limit=1`, {
        headers: { authorization: `Bearer ${token}` },
      });
    assert.equal((await use()).status, 200);
    await page.click('text=I have copied it');
    const row = page.locator('tr', { hasText: 'Newsletter <b>script</b>' });
    await row.waitFor();
    assert.ok(!(await page.content()).includes(token), 'the token is nowhere any more');
    await row.locator('button').click();
    await inspect(view, 'token-revoke');
    await page.click('text=Revoke it');
    await row.waitFor({ state: 'detached' });
    assert.equal((await use()).status, 401);
    await view.close();
  });
});
