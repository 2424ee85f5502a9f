// `npm run screenshots`: the pictures of the dashboard in docs/images, of a server with a made-up history.

import { mkdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { settled } from '../test/dashboard/inspection.ts';
import { openDashboard, WIDE } from '../test/dashboard/rig.ts';

const FOLDER = fileURLToPath(new URL('../docs/images/', import.meta.url));
/** Whoever clones the project takes them along. */
const PICTURE_BYTES_MAX = 200_000;

mkdirSync(FOLDER, { recursive: true });
const dashboard = await openDashboard({ BASE_URL: 'https://px.alder-bakery.example' });
try {
  const pages = [
    { name: 'overview', path: '/', height: 900 },
    // As far as the reasons of several hits.
    { name: 'pixel', path: `/pixels/${dashboard.landmarks.rich}`, height: 1300 },
  ];
  for (const { name, path, height } of pages) {
    const view = await dashboard.open(path, { size: { ...WIDE, height } });
    await settled(view.page);
    const file = `${FOLDER}dashboard-${name}.png`;
    await view.page.screenshot({ path: file });
    await view.close();
    const bytes = statSync(file).size;
    process.stdout.write(`${file}: ${Math.round(bytes / 1_000)} kB\n`);
    if (bytes > PICTURE_BYTES_MAX) throw new Error(`${file} is larger than it should be`);
  }
} finally {
  await dashboard.close();
}
