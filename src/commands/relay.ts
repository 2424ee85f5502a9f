// The relay's process, as the supervisor of `collect` starts it: from the collectors' journal to the
// bus, apart from the collectors so that nothing it does can hold up a reply.

import type { Config } from '../config/config.ts';
import { Failure, EXIT_USAGE } from '../config/failure.ts';
import { JournalKeeper } from '../journal/keeper.ts';
import { JOURNAL_TEND_MS } from '../limits.ts';
import { type RunningRole, runRole } from '../supervisor/role.ts';
import { serveControl } from '../telemetry/control.ts';
import { createLog, type Logger } from '../telemetry/log.ts';
import { createRegistry } from '../telemetry/metrics.ts';
import { startRelay } from './bus.ts';
import type { Command } from './command.ts';
import { startErasures } from './erasing.ts';
import { keepJournal } from './keep-journal.ts';

const NAME = 'relay';

export const relayCommand: Command = {
  name: NAME,
  summary: 'One relay process, without a supervisor',
  roles: ['relay', 'journal-writer'],
  run(config) {
    const log = createLog(config.logLevel, NAME);
    return runRole({ name: NAME, log, start: () => start(config, log) });
  },
};

async function start(config: Config, log: Logger): Promise<RunningRole> {
  const registry = createRegistry(NAME);
  const running = await startRelay(config, 'collector', log, registry);
  if (running === null) throw new Failure('relay: SNS_TOPIC is not set', EXIT_USAGE);
  const { relay } = running;
  const ready = () => relay.readiness();
  const control = await serveControl(config.dataDir, NAME, { registry, ready });
  const keeper = new JournalKeeper(config, log);
  const keeping = keepJournal(keeper, () => running.cursors(), JOURNAL_TEND_MS, log);
  const erasures = startErasures(config, keeper, null, log);
  return {
    ready: { topic: config.snsTopic },
    drain: async () => {
      await Promise.all([keeping.end(), erasures.stop()]);
      await relay.drain();
      await control.close();
    },
  };
}
