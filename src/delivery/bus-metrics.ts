// The figures of relay and consumer in the words of Prometheus, read from their counters when they are
// asked for.

import type { Registry } from 'prom-client';
import { counter, duration, gauge } from '../telemetry/metrics.ts';
import type { Consumer } from './consumer.ts';
import type { OutboxStats } from './outbox-stats.ts';
import type { Relay } from './relay.ts';

/** From a round trip within a region to the time-out of a request. */
const SECONDS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];

export function registerRelayMetrics(registry: Registry, relay: Relay, stats: OutboxStats): void {
  counter(registry, 'relay_events_total', 'Events that the bus has acknowledged', 'outcome', () => [
    ['sent', stats.sent],
  ]);
  counter(registry, 'relay_requests_total', 'Batches given to the bus', 'outcome', () => [
    ['sent', stats.requests],
  ]);
  counter(registry, 'relay_failures_total', 'Refusals of the bus, tried again', 'fault', () => [
    ...stats.failures,
  ]);
  gauge(registry, 'relay_ready', 'Whether events reach the bus', () =>
    Number(relay.readiness().ready),
  );
  gauge(
    registry,
    'relay_behind_bytes',
    'Bytes of the journal from the first event on that is not relayed',
    () => relay.behind?.bytes ?? null,
  );
  gauge(
    registry,
    'relay_behind_segments',
    'Segments that begin behind that event',
    () => relay.behind?.segments ?? null,
  );
  gauge(
    registry,
    'relay_lag_seconds',
    'Age of the oldest event that waits for the bus',
    () => relay.lagSeconds,
  );
  stats.onRequest = duration(
    registry,
    'relay_request_seconds',
    'Time that the bus took to answer',
    SECONDS,
  );
}

export function registerConsumerMetrics(registry: Registry, consumer: Consumer): void {
  const { stats } = consumer;
  counter(registry, 'consumer_messages_total', 'Messages by what they were', 'outcome', () => [
    ['kept', stats.kept],
    ['duplicate', stats.duplicates],
    ['unreadable', stats.unreadable],
    ['unkept', stats.unkept],
  ]);
  counter(
    registry,
    'consumer_revived_total',
    'Dead letters that were taken back',
    'outcome',
    () => [['revived', stats.revived]],
  );
  gauge(
    registry,
    'consumer_dead_letters',
    'Messages in the queue’s dead letters, at the last look',
    () => consumer.deadLetters,
  );
  counter(registry, 'consumer_removed_total', 'Messages removed from the queue', 'outcome', () => [
    ['removed', stats.acknowledged],
  ]);
  counter(registry, 'consumer_failures_total', 'Refusals of the bus, tried again', 'fault', () => [
    ...stats.failures,
  ]);
  gauge(registry, 'consumer_ready', 'Whether events come from the bus', () =>
    Number(consumer.failure === null),
  );
  gauge(
    registry,
    'consumer_in_hand',
    'Messages received and not in the store yet',
    () => consumer.inHand,
  );
  stats.onRound = duration(
    registry,
    'consumer_round_seconds',
    'Time from messages to the store',
    SECONDS,
  );
}
