// The collector's figures for Prometheus. They are counted elsewhere as plain numbers and read here when
// asked.

import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { JournalWriter } from '../journal/journal.ts';
import { OUTCOMES } from './admission.ts';
import { type Counters, FORWARD_OUTCOMES } from './counters.ts';

/** Registers everything and follows the journal's commits. */
export function registerMetrics(
  registry: Registry,
  counters: Counters,
  journal: JournalWriter,
): void {
  registerRequests(registry, counters);
  registerConnections(registry, counters);
  registerCommits(registry, journal);
}

function registerRequests(registry: Registry, counters: Counters): void {
  tally(registry, {
    name: 'truepixel_images_total',
    help: 'Requests for tracking images by kind and by what became of them; only kept ones are hits',
    labels: ['kind', 'outcome'],
    read: (set) => {
      for (const kind of ['open', 'visit'] as const) {
        for (const outcome of OUTCOMES) set({ kind, outcome }, counters.images[kind][outcome]);
      }
    },
  });
  tally(registry, {
    name: 'truepixel_replies_total',
    help: 'Replies by class of status',
    labels: ['status'],
    read: (set) => {
      for (let status = 2; status <= 5; status++) {
        set({ status: `${status}xx` }, counters.replies[status] ?? 0);
      }
    },
  });
  tally(registry, {
    name: 'truepixel_requests_total',
    help: 'Requests by the lane that read them',
    labels: ['lane'],
    read: (set) => {
      set({ lane: 'fast' }, counters.requests.fast);
      set({ lane: 'node' }, counters.requests.node);
    },
  });
  tally(registry, {
    name: 'truepixel_forwards_total',
    help: 'Requests passed on to the store process, by how they ended',
    labels: ['outcome'],
    read: (set) => {
      for (const outcome of FORWARD_OUTCOMES) set({ outcome }, counters.forwards[outcome]);
    },
  });
}

function registerConnections(registry: Registry, counters: Counters): void {
  tally(registry, {
    name: 'truepixel_connections_accepted_total',
    help: 'Connections accepted',
    labels: [],
    read: (set) => set({}, counters.connectionsAccepted),
  });
  tally(registry, {
    name: 'truepixel_connections_refused_total',
    help: 'Connections closed at once because too many were open',
    labels: [],
    read: (set) => set({}, counters.connectionsRefused),
  });
  registry.registerMetric(
    new Gauge({
      name: 'truepixel_connections_open',
      help: 'Connections open now',
      registers: [],
      collect() {
        this.set(counters.connectionsOpen);
      },
    }),
  );
}

function registerCommits(registry: Registry, journal: JournalWriter): void {
  const registers = [registry];
  const seconds = new Histogram({
    name: 'truepixel_journal_commit_seconds',
    help: 'Time from a batch’s write to the end of its fsync',
    buckets: [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.25, 1, 5],
    registers,
  });
  const records = new Histogram({
    name: 'truepixel_journal_commit_records',
    help: 'Records in a batch',
    buckets: [1, 4, 16, 64, 256, 1_024, 4_096, 16_384],
    registers,
  });
  journal.onCommit = (count, _bytes, milliseconds) => {
    seconds.observe(milliseconds / 1_000);
    records.observe(count);
  };
  tally(registry, {
    name: 'truepixel_journal_bytes_total',
    help: 'Bytes made durable',
    labels: [],
    read: (set) => set({}, journal.stats.bytes),
  });
  tally(registry, {
    name: 'truepixel_journal_failed_batches_total',
    help: 'Batches that could not be made durable',
    labels: [],
    read: (set) => set({}, journal.stats.failedBatches),
  });
  registry.registerMetric(
    new Gauge({
      name: 'truepixel_journal_open',
      help: '1 while the journal can keep a hit',
      registers: [],
      collect() {
        this.set(journal.stats.state === 'open' ? 1 : 0);
      },
    }),
  );
}

interface Tally {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Sets every combination of labels, so that series exist before their first event. */
  readonly read: (set: (labels: Record<string, string>, value: number) => void) => void;
}

/** A counter whose truth is elsewhere. */
function tally(registry: Registry, { name, help, labels, read }: Tally): void {
  registry.registerMetric(
    new Counter({
      name,
      help,
      labelNames: labels,
      registers: [],
      collect() {
        this.reset();
        read((values, value) => this.inc(values, value));
      },
    }),
  );
}
