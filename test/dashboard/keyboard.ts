// A person without a mouse: goes from control to control by Tab, by the names that a screen reader says.

import type { Page } from 'playwright-core';

/** More than any page of ours has before what is looked for. */
const TABS_MAX = 120;

/** Roughly what a screen reader says of what has the focus. */
const FOCUSED = `(() => {
  const one = document.activeElement;
  if (one === null || one === document.body) return '';
  const labels = [...(one.labels ?? [])].map((label) => label.textContent);
  return (one.ariaLabel ?? (labels.join(' ') || one.textContent)).trim();
})()`;

/** Presses Tab until something of this name has the focus. Throws with all names that came by. */
export async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const passed: string[] = [];
  const isIt = (text: string): boolean =>
    typeof name === 'string' ? text === name : name.test(text);
  for (let tabs = 0; tabs < TABS_MAX; tabs++) {
    const focused = await page.evaluate<string>(FOCUSED);
    if (isIt(focused)) return;
    passed.push(focused);
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never reaches ${name}; it came by ${passed.join(' | ')}`);
}

/** Tab to it, and Enter. */
export async function press(page: Page, name: string | RegExp): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press('Enter');
}
