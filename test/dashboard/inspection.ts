// What every page of the dashboard is held against, whatever it shows: nothing strange happened, nobody is
// kept out, nothing is wider than the screen, nothing that a client sent is more than text.

import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import type { View } from './rig.ts';
import { harmDone } from './watch.ts';
import { until } from './until.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const PICTURES = fileURLToPath(new URL('../../test-output/dashboard/', import.meta.url));

/** Of axe's four degrees these two are let pass: advice, where experts differ. */
const BEARABLE = new Set(['minor', 'moderate']);

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** Something waits for an answer, and no trouble says that it may wait for long. */
const WAITS = `document.querySelector('[aria-busy="true"], .plot:empty') !== null
  && document.querySelector('.trouble') === null`;

/** Resolves when the page shows answers, and waits for none. */
export async function settled(page: Page): Promise<void> {
  await page.waitForSelector('main h1');
  await until(page, `!(${WAITS})`);
}

/**
 * Takes a picture (of the window alone where a page is too long for one), and throws with everything at once
 * that is wrong with the page as it stands.
 */
export async function inspect(
  { page, strange }: View,
  picture: string,
  { fullPage = true } = {},
): Promise<void> {
  await settled(page);
  await mkdir(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${picture}.png`), fullPage });
  const complaints = [
    ...strange,
    ...(await harmDone(page)),
    ...(await tooWide(page)),
    ...(await violations(page)),
  ];
  assert.deepEqual(complaints, [], picture);
}

/** What makes the page scroll sideways, outermost first. */
async function tooWide(page: Page): Promise<string[]> {
  return await page.evaluate<string[]>(`(() => {
    if (document.documentElement.scrollWidth <= innerWidth) return [];
    const wide = [...document.body.querySelectorAll('*')]
      .filter((one) => one.getBoundingClientRect().right > innerWidth + 1);
    return wide.slice(0, 3).map((one) => 'wider than the screen: ' + one.outerHTML.slice(0, 120));
  })()`);
}

/** By CDP, which no policy of the page's forbids. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(AXE, 'utf8'));
  const found = await page.evaluate<Violation[]>(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)`,
  );
  return found
    .filter(({ impact }) => !BEARABLE.has(impact ?? ''))
    .map(({ id, impact, help, nodes }) => {
      const places = nodes.map(({ html }) => html.slice(0, 160)).join('\n    ');
      return `axe, ${impact}: ${id}: ${help}\n    ${places}`;
    });
}
