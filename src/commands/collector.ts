// One collector process, as a supervisor starts it: the composition root of everything in collector/.

import { Collector } from '../collector/collector.ts';
import { needsVisitors } from '../collector/discretion.ts';
import { registerMetrics } from '../collector/metrics.ts';
import { journalReadiness } from '../collector/operations.ts';
import type { Config } from '../config/config.ts';
import { pixelModesPath, registeredCodesPath, secretsDir } from '../config/paths.ts';
import { loadSecrets } from '../config/secrets.ts';
import { CodeAuthority } from '../hit/code.ts';
import { PixelModes } from '../hit/pixel-modes.ts';
import { RegisteredCodes } from '../hit/registered-codes.ts';
import { VisitorSalts } from '../hit/visitor-salts.ts';
import { openJournal } from '../journal/open.ts';
import { type RunningRole, runRole } from '../supervisor/role.ts';
import { serveControl } from '../telemetry/control.ts';
import { gatherMetrics, gatherReadiness } from '../telemetry/gather.ts';
import { createLog, type Logger } from '../telemetry/log.ts';
import { createRegistry } from '../telemetry/metrics.ts';
import { FreshJudge } from '../verdict/references.ts';
import type { Command } from './command.ts';

export const collectorCommand: Command = {
  name: 'collector',
  summary: 'One collector process, without a supervisor',
  roles: ['collector', 'journal-writer', 'judge'],
  run(config) {
    const log = createLog(config.logLevel, 'collector');
    return runRole({ name: 'collector', log, start: () => startCollector(config, log) });
  },
};

async function startCollector(config: Config, log: Logger): Promise<RunningRole> {
  const { apiToken, codeSecret } = await loadSecrets(config);
  const journal = await openJournal(config, 'collector', log);
  const { slot } = journal.stats;
  const { dataDir } = config;
  const authority = new CodeAuthority(codeSecret);
  const onTrouble = (reason: string): void => log.error(reason);
  const registered = await RegisteredCodes.open(registeredCodesPath(dataDir), onTrouble);
  const modes = await PixelModes.open(pixelModesPath(dataDir), onTrouble);
  const salts = await VisitorSalts.open({
    folder: secretsDir(dataDir),
    needed: needsVisitors(config),
    now: Date.now,
    onTrouble,
  });
  const fresh = new FreshJudge(config, onTrouble);
  const collector = new Collector({
    config,
    journal,
    codes: {
      verify: (code) => authority.verify(code) ?? (registered.has(code) ? { mode: null } : null),
    },
    modes,
    codeSecret,
    judge: () => fresh.judge,
    salts,
    apiToken,
    metrics: () => gatherMetrics(dataDir),
    readiness: () => gatherReadiness(dataDir),
  });
  const registry = createRegistry(slot);
  registerMetrics(registry, collector.counters, journal);
  const ready = () => journalReadiness(journal);
  const control = await serveControl(dataDir, slot, { registry, ready });
  // What is certain to be needed is there before the first hit, and elsewhere costs nothing.
  if (needsVisitors(config) || config.pixelMode === 'aggregate') await fresh.ready();
  const port = await collector.listen();
  return {
    ready: { port, slot },
    drain: async () => {
      await collector.drain();
      registered.close();
      modes.close();
      fresh.close();
      await salts.close();
      await journal.close();
      await control.close();
    },
  };
}
