// How heavy the dashboard is for whoever comes for the first time, and how soon it can be used: the overview
// with nine weeks of history, nothing cached.

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { browserMissing } from '../browser.ts';
import { settled } from './inspection.ts';
import { openDashboard, type Dashboard } from './rig.ts';
import { until } from './until.ts';

/** All that comes over the wire until the overview is whole, heads of answers included. */
const LOAD_BYTES_MAX = 400_000;
/** From the beginning of the navigation. */
const INTERACTIVE_MS_MAX = 1_000;
/** The best counts: on the machine that tests, other tests run beside. */
const TRIES = 5;

interface Load {
  readonly bytes: number;
  readonly interactiveMs: number;
  readonly figuresMs: number;
}

/**
 * Interactive is when the page's controls are there (they are made with their listeners on) and the main
 * thread has ended every long task that began before; figures is when the first numbers are shown.
 */
const CLOCK = `
  window.clock = { tasks: [], controls: 0, figures: 0 };
  new PerformanceObserver((list) => clock.tasks.push(...list.getEntries()))
    .observe({ type: 'longtask', buffered: true });
  new MutationObserver(() => {
    clock.controls ||= document.querySelector('main .segments button') && performance.now();
    clock.figures ||= document.querySelector('.tile-figure') && performance.now();
  }).observe(document, { childList: true, subtree: true });
`;
const READ_CLOCK = `(() => {
  const { tasks, controls, figures } = clock;
  const ends = tasks.filter(({ startTime }) => startTime <= controls)
    .map(({ startTime, duration }) => startTime + duration);
  return { interactiveMs: Math.max(controls, ...ends), figuresMs: figures };
})()`;

async function load(dashboard: Dashboard): Promise<Load> {
  const view = await dashboard.open('/health');
  try {
    const { page } = view;
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    let bytes = 0;
    session.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    await page.addInitScript({ content: CLOCK });
    await page.goto(dashboard.url);
    await settled(page);
    await until(page, 'clock.figures > 0');
    const times = await page.evaluate<Omit<Load, 'bytes'>>(READ_CLOCK);
    return { bytes, ...times };
  } finally {
    await view.close();
  }
}

test(
  'the first load has less than 400 kB and can be used within a second',
  { skip: browserMissing, timeout: 180_000 },
  async (context) => {
    const dashboard = await openDashboard();
    context.after(() => dashboard.close());
    const loads: Load[] = [];
    for (let i = 0; i < TRIES; i++) loads.push(await load(dashboard));
    const folder = fileURLToPath(new URL('../../test-output/dashboard/', import.meta.url));
    await mkdir(folder, { recursive: true });
    await writeFile(`${folder}first-load.json`, `${JSON.stringify(loads, null, 2)}\n`);
    for (const { bytes } of loads) assert.ok(bytes < LOAD_BYTES_MAX, `${bytes} bytes`);
    const soonest = Math.min(...loads.map(({ interactiveMs }) => interactiveMs));
    assert.ok(soonest < INTERACTIVE_MS_MAX, `${soonest} ms at best`);
    context.diagnostic(JSON.stringify(loads));
  },
);
