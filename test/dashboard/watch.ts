// What no page of the dashboard may ever do, whoever sends what: ask another host, break its own policy,
// complain in the console, run or render what a client sent.

import type { Page } from 'playwright-core';
import { CANARY, CANARY_ELEMENT } from './hostile.ts';

/** Chromium's own words in the console for an answer that is no success. */
const REFUSED = /^Failed to load resource: the server responded with a status of (\d{3})/;

/**
 * What happens on the page that must not, in words, as it happens. The console may speak of answers with one
 * of these statuses, and of no other.
 */
export async function watch(
  page: Page,
  origin: string,
  refusals: readonly number[],
): Promise<string[]> {
  const strange: string[] = [];
  page.on('pageerror', (error) => strange.push(`uncaught: ${error.message}`));
  page.on('dialog', (dialog) => {
    strange.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('popup', (popup) => {
    // An image may be opened in a tab of its own.
    if (!popup.url().startsWith(`${origin}/image/`)) strange.push(`a window: ${popup.url()}`);
  });
  page.on('console', (line) => {
    if (line.type() !== 'error' && line.type() !== 'warning') return;
    const status = REFUSED.exec(line.text())?.[1];
    if (status === undefined || !refusals.includes(Number(status))) {
      strange.push(`console: ${line.text()} (${line.location().url})`);
    }
  });
  page.on('request', (request) => {
    const url = request.url();
    const isOurs = url.startsWith(`${origin}/`) || /^(?:data|blob):/.test(url);
    if (!isOurs) strange.push(`a request to ${url}`);
  });
  // In Chromium a violation is in the console too, but only once for each directive and line.
  await page.addInitScript({
    content: `document.addEventListener('securitypolicyviolation', (event) => {
      console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI);
    });`,
  });
  return strange;
}

/** What hostile text became besides text; empty when nothing. */
export async function harmDone(page: Page): Promise<string[]> {
  const found = await page.evaluate<{ ran: boolean; elements: number; hrefs: string[] }>(`({
    ran: '${CANARY}' in window,
    elements: document.querySelectorAll('${CANARY_ELEMENT}, img[src="x"], svg[onload]').length,
    hrefs: [...document.querySelectorAll('a[href]')]
      .filter((link) => link.origin !== location.origin)
      .map((link) => link.getAttribute('href')),
  })`);
  return [
    ...(found.ran ? ['script ran'] : []),
    ...(found.elements > 0 ? [`${found.elements} elements of a client's making`] : []),
    ...found.hrefs.map((href) => `a link that leads away: ${href}`),
  ];
}
