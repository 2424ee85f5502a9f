// The judge with the files that it looks networks and countries up in, as every command that judges hits
// wants it: a file that cannot be used is said once and done without.

import type { Config } from '../config/config.ts';
import type { Logger } from '../telemetry/log.ts';
import { Judge } from '../verdict/judge.ts';
import { ReferenceFiles } from '../verdict/references.ts';

export async function openJudge(config: Config, log: Logger): Promise<Judge> {
  const files = new ReferenceFiles(config);
  for (const complaint of await files.refresh()) log.error(complaint);
  return new Judge(files.loaded);
}
