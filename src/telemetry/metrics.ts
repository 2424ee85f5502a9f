// Each process counts in a registry of its own, labelled with its name; gather.ts puts them together.

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** A registry with the process's own figures (memory, event loop, garbage collection) in it already. */
export function createRegistry(processName: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ process: processName });
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** A gauge that is read when it is asked for; null: there is nothing to tell yet. */
export function gauge(
  registry: Registry,
  name: string,
  help: string,
  value: () => number | null,
): void {
  const made: Gauge = new Gauge({
    name: `truepixel_${name}`,
    help,
    registers: [registry],
    collect: () => {
      const told = value();
      if (told === null) made.remove();
      else made.set(told);
    },
  });
}

/** A counter that somebody else counts, by the values of one label. */
export function counter(
  registry: Registry,
  name: string,
  help: string,
  label: string,
  values: () => readonly (readonly [string, number])[],
): void {
  const made = new Counter({
    name: `truepixel_${name}`,
    help,
    labelNames: [label],
    registers: [registry],
    collect: () => {
      made.reset();
      for (const [key, value] of values()) made.inc({ [label]: key }, value);
    },
  });
}

/** A histogram in seconds with these bounds; what it returns takes milliseconds. */
export function duration(
  registry: Registry,
  name: string,
  help: string,
  buckets: number[],
): (milliseconds: number) => void {
  const seconds = new Histogram({
    name: `truepixel_${name}`,
    help,
    buckets,
    registers: [registry],
  });
  return (milliseconds) => seconds.observe(milliseconds / 1_000);
}
