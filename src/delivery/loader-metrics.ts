// The loader's figures in the words of Prometheus. They are read from its counters when they are asked for,
// so that loading itself knows nothing of metrics.

import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Loader } from './loader.ts';

/** From a handful of hits to a full load on a busy disk. */
const LOAD_SECONDS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

export function registerLoaderMetrics(registry: Registry, loader: Loader): void {
  const { stats } = loader;
  counter(registry, 'loader_events_total', 'Events loaded into the store', () => stats.events);
  counter(
    registry,
    'loader_troubles_total',
    'Parts of the journal that could not be loaded',
    () => stats.troubles,
  );
  counter(registry, 'loader_records_total', 'Records passed over, of kinds not known here', () => ({
    unknown: stats.unknownRecords,
  }));
  counter(registry, 'loader_passes_total', 'Passes over the journal that were tried again', () => ({
    failed: stats.failures,
  }));
  const gauges: readonly [string, string, () => number][] = [
    ['loader_behind_bytes', 'Journal bytes not loaded, at least', () => stats.behindBytes],
    ['loader_lag_seconds', 'Age of the newest loaded event when behind', () => stats.lagSeconds],
    ['loader_ready', 'Whether events reach the store', () => Number(loader.readiness().ready)],
    [
      'visit_log_behind',
      'Whether visits in the store wait for the visit log',
      () => Number(loader.visitLogBehind),
    ],
  ];
  for (const [name, help, value] of gauges) gauge(registry, name, help, value);
  const seconds = new Histogram({
    name: 'truepixel_loader_load_seconds',
    help: 'Time that the store took for one load',
    buckets: LOAD_SECONDS,
    registers: [registry],
  });
  stats.onLoad = (milliseconds) => seconds.observe(milliseconds / 1_000);
}

function gauge(registry: Registry, name: string, help: string, value: () => number): void {
  const made: Gauge = new Gauge({
    name: `truepixel_${name}`,
    help,
    registers: [registry],
    collect: () => made.set(value()),
  });
}

function counter(
  registry: Registry,
  name: string,
  help: string,
  values: () => Readonly<Record<string, number>>,
): void {
  const made: Counter<'kind'> = new Counter({
    name: `truepixel_${name}`,
    help,
    labelNames: ['kind'],
    registers: [registry],
    collect: () => {
      made.reset();
      for (const [kind, value] of Object.entries(values())) made.inc({ kind }, value);
    },
  });
}
