// Loads without end until it is killed: the other half of the contract suite's atomicity test. The progress
// of each load says how many hits and pixels the store must hold with it.

import type { Store } from '../../src/store/store.ts';
import { loadAfter } from './store-events.ts';

const [adapter, dir, hitsPerLoad] = process.argv.slice(2);
if (adapter === undefined || dir === undefined) throw new Error('usage: store-child ADAPTER DIR');

const { open } = (await import(adapter)) as { open: (dir: string) => Promise<Store> };
const store = await open(dir);
let loaded = Number((await store.progress()) ?? 0);
process.send?.('open');
for (;;) {
  await store.load(loadAfter(loaded, Number(hitsPerLoad)));
  loaded += Number(hitsPerLoad);
}
