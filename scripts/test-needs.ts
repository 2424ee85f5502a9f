// What the tests need beyond npm's packages: found, or installed where that is possible without asking
// anybody.

import { spawnSync, type StdioOptions } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { motoFolder, motoPackages, motoServer } from '../test/bus/moto.ts';
import {
  schemathesisFolder,
  schemathesisPackages,
  schemathesisProgram,
} from '../test/schemathesis/schemathesis.ts';
import { fetchQuestdb } from './questdb-jar.ts';

export interface MissingNeed {
  readonly name: string;
  readonly tests: string;
  readonly reason: string;
}

/** Tries to get what is not there, without asking anybody; what stays missing, and why. */
export function findMissing(): MissingNeed[] {
  return [...missingPrograms(), ...missingQuestdb()];
}

function missingQuestdb(): MissingNeed[] {
  const reason = fetchQuestdb();
  if (reason === null) return [];
  return [{ name: 'QuestDB', tests: 'those with QuestDB as the store', reason }];
}

function missingPrograms(): MissingNeed[] {
  const browser = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  return [
    need('Chromium', 'those that open a page in a real browser', browser, installChromium),
    need('Moto', 'those of SNS and SQS on a second server', motoServer, () =>
      installPython('Moto', motoFolder, motoPackages),
    ),
    need(
      'Schemathesis',
      'those that send the API what nobody thought of',
      schemathesisProgram,
      () => installPython('Schemathesis', schemathesisFolder, schemathesisPackages),
    ),
  ].filter((missing) => missing !== null);
}

function need(
  name: string,
  tests: string,
  path: string,
  install: () => string | null,
): MissingNeed | null {
  if (existsSync(path)) return null;
  const reason = install();
  if (reason === null && existsSync(path)) return null;
  return { name, tests, reason: reason ?? `${path} is not there after its installation` };
}

/** Into a folder beside the packages; null when it went well, else why not. */
function installPython(name: string, folder: string, packages: readonly string[]): string | null {
  const python = spawnSync('python3', ['-c', 'import venv, ensurepip'], { stdio: 'ignore' });
  if (python.status !== 0) return 'no python3 with venv here';
  process.stdout.write(`\n=== Installing ${name} with pip\n`);
  const stdio: StdioOptions = ['ignore', 'ignore', 'inherit'];
  const made = spawnSync('python3', ['-m', 'venv', folder], { stdio });
  if (made.status !== 0) return 'python3 -m venv failed';
  const { status } = spawnSync(
    `${folder}/bin/pip`,
    ['install', '--quiet', '--disable-pip-version-check', ...packages],
    { stdio },
  );
  if (status === 0) return null;
  rmSync(folder, { recursive: true, force: true });
  return 'pip install failed';
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
