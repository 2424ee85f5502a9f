// The judge with the files that it looks networks and countries up in, as every command that judges hits
// wants it: a file that cannot be used is said once and done without, a newer one is taken up.

import type { Config } from '../config/config.ts';
import type { Logger } from '../telemetry/log.ts';
import { FreshJudge } from '../verdict/references.ts';

/** Resolves when every file was tried. */
export async function openJudge(config: Config, log: Logger): Promise<FreshJudge> {
  const fresh = new FreshJudge(config, (complaint) => log.error(complaint));
  await fresh.ready();
  return fresh;
}
