// Loads without end until it is killed: the other half of the contract suite's atomicity test. The progress
// of each load says how many hits and pixels the store must hold with it.

import type { Store } from '../../src/store/store.ts';
import { someHit, somePixel } from './store-events.ts';

const [adapter, dir, hitsPerLoad] = process.argv.slice(2);
if (adapter === undefined || dir === undefined) throw new Error('usage: store-child ADAPTER DIR');

const { open } = (await import(adapter)) as { open: (dir: string) => Promise<Store> };
const store = await open(dir);
let loaded = Number((await store.progress()) ?? 0);
process.send?.('open');
for (;;) {
  const count = Number(hitsPerLoad);
  const hits = Array.from({ length: count }, (_, i) => someHit(loaded + i));
  const pixels = hits.map((_, i) => somePixel(loaded + i));
  loaded += count;
  await store.load({ hits, pixels, progress: String(loaded) });
}
