// Each process counts in a registry of its own, labelled with its name; gather.ts puts them together.

import { collectDefaultMetrics, Registry } from 'prom-client';

/** A registry with the process's own figures (memory, event loop, garbage collection) in it already. */
export function createRegistry(processName: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ process: processName });
  collectDefaultMetrics({ register: registry });
  return registry;
}
