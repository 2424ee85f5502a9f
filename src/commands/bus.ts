// Puts the parts of a bus together for the processes that need them. The vendor's client is loaded here,
// and only when it is configured.

import type { Config } from '../config/config.ts';
import { pixelModesPath, relayCursorsPath } from '../config/paths.ts';
import { loadSecrets } from '../config/secrets.ts';
import { registerConsumerMetrics, registerRelayMetrics } from '../delivery/bus-metrics.ts';
import { Consumer } from '../delivery/consumer.ts';
import type { IntakeParts } from '../delivery/intake.ts';
import { Outbox } from '../delivery/outbox.ts';
import { Reduction } from '../delivery/reduction.ts';
import { Relay } from '../delivery/relay.ts';
import { RelayCursors } from '../delivery/relay-cursors.ts';
import { CodeAuthority } from '../hit/code.ts';
import { PixelModes } from '../hit/pixel-modes.ts';
import type { Cursors } from '../journal/journal.ts';
import { openJournal } from '../journal/open.ts';
import { journalDirs } from '../journal/places.ts';
import { JournalReader } from '../journal/reader.ts';
import type { Logger } from '../telemetry/log.ts';
import type { createRegistry } from '../telemetry/metrics.ts';
import type { FreshJudge } from '../verdict/references.ts';

type Registry = ReturnType<typeof createRegistry>;

export interface RunningRelay {
  readonly relay: Relay;
  /** How far everything was acknowledged, for certain. */
  cursors(): Cursors;
}

/** Null when no topic is configured. Rejects with a Failure when its place in the journal cannot be read. */
export async function startRelay(
  config: Config,
  role: 'collector' | 'api',
  log: Logger,
  registry: Registry,
): Promise<RunningRelay | null> {
  const { dataDir, snsTopic } = config;
  if (snsTopic === null) return null;
  const { openSnsSender } = await import('../bus/sns-sqs-sender.ts');
  const cursors = await RelayCursors.open(relayCursorsPath(dataDir, role));
  const outbox = new Outbox(openSnsSender(snsTopic), log);
  const journal = (): JournalReader => new JournalReader(journalDirs(dataDir));
  const relay = new Relay({ journal, outbox, cursors, role, log });
  registerRelayMetrics(registry, relay, outbox.stats);
  relay.start();
  return { relay, cursors: () => cursors.durable };
}

export interface RunningConsumer {
  readonly consumer: Consumer;
  drain(): Promise<void>;
}

/** Null when no queue is configured. */
export async function startConsumer(
  config: Config,
  { judge, ...parts }: Pick<IntakeParts, 'store' | 'barrier'> & { readonly judge: FreshJudge },
  log: Logger,
  registry: Registry,
): Promise<RunningConsumer | null> {
  const { sqsQueue, dataDir } = config;
  if (sqsQueue === null) return null;
  const { openSqsReceiver } = await import('../bus/sns-sqs-receiver.ts');
  const { openSqsDeadLetters } = await import('../bus/sns-sqs-dead-letters.ts');
  const onTrouble = (reason: string): void => log.error(reason);
  const { codeSecret } = await loadSecrets(config);
  const modes = await PixelModes.open(pixelModesPath(dataDir), onTrouble);
  const journal = await openJournal(config, 'bus', log);
  const consumer = new Consumer({
    ...parts,
    receiver: openSqsReceiver(sqsQueue),
    deadLetters: openSqsDeadLetters(sqsQueue),
    reduction: new Reduction({ config, codes: new CodeAuthority(codeSecret), modes, judge }),
    journal,
    log,
  });
  registerConsumerMetrics(registry, consumer);
  consumer.start();
  return {
    consumer,
    drain: async () => {
      await consumer.drain();
      modes.close();
      await journal.close();
    },
  };
}
