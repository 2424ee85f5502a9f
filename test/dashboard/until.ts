// Waiting for a page: Playwright's own way evaluates text inside the page, which its policy forbids.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';

const UNTIL_MS_MAX = 15_000;
const LOOK_MS = 30;

/** Resolves when the expression is true on the page. */
export async function until(page: Page, expression: string): Promise<void> {
  const end = Date.now() + UNTIL_MS_MAX;
  while (!(await page.evaluate<boolean>(expression))) {
    assert.ok(Date.now() < end, `the page never came to ${expression}`);
    await sleep(LOOK_MS);
  }
}
