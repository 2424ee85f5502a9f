// What the tests need beyond npm's packages: found, or installed where that is possible without asking
// anybody.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fetchQuestdb } from './questdb-jar.ts';

export interface MissingNeed {
  readonly name: string;
  readonly tests: string;
  readonly reason: string;
}

/** Tries to get what is not there; what stays missing, and why. */
export function findMissing(): MissingNeed[] {
  return [...missingChromium(), ...missingQuestdb()];
}

function missingQuestdb(): MissingNeed[] {
  const reason = fetchQuestdb();
  if (reason === null) return [];
  return [{ name: 'QuestDB', tests: 'those with QuestDB as the store', reason }];
}

/** It is installed as root on a system with apt only. */
function missingChromium(): MissingNeed[] {
  const browser = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  if (existsSync(browser)) return [];
  const reason = installChromium();
  if (reason === null && existsSync(browser)) return [];
  return [
    {
      name: 'Chromium',
      tests: 'those that open a page in a real browser',
      reason: reason ?? `${browser} is not there after its installation`,
    },
  ];
}

/** Null when it went well, else why not. */
function installChromium(): string | null {
  if (process.getuid?.() !== 0)
    return 'not root, so it was not installed; or set CHROMIUM to its path';
  if (!existsSync('/usr/bin/apt-get')) return 'no apt-get here; set CHROMIUM to the path of one';
  process.stdout.write('\n=== Installing chromium with apt-get\n');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const commands = [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', 'chromium'],
  ];
  for (const args of commands) {
    const { status } = spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) return `apt-get ${args[0]} failed`;
  }
  return null;
}
