// The loader's figures in the words of Prometheus. They are read from its counters when they are asked for,
// so that loading itself knows nothing of metrics.

import type { Registry } from 'prom-client';
import { counter, duration, gauge } from '../telemetry/metrics.ts';
import type { Loader } from './loader.ts';

/** From a handful of hits to a full load on a busy disk. */
const LOAD_SECONDS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

export function registerLoaderMetrics(registry: Registry, loader: Loader): void {
  const { stats } = loader;
  counter(registry, 'loader_events_total', 'Events loaded into the store', 'kind', () =>
    Object.entries(stats.events),
  );
  counter(
    registry,
    'loader_troubles_total',
    'Parts of the journal that could not be loaded',
    'kind',
    () => Object.entries(stats.troubles),
  );
  counter(
    registry,
    'loader_records_total',
    'Records passed over, of kinds not known here',
    'kind',
    () => [['unknown', stats.unknownRecords]],
  );
  counter(
    registry,
    'loader_passes_total',
    'Passes over the journal that were tried again',
    'kind',
    () => [['failed', stats.failures]],
  );
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
  stats.onLoad = duration(
    registry,
    'loader_load_seconds',
    'Time that the store took for one load',
    LOAD_SECONDS,
  );
}
