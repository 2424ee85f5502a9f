// What the benchmark runs on: figures without their machine say nothing. And what it needs to be installed.

import { execFileSync } from 'node:child_process';
import { readFileSync, existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { arch, availableParallelism, cpus, release, totalmem } from 'node:os';
import { delimiter, join } from 'node:path';

/** The measured server has this core for itself… */
export const SERVER_CORE = 0;
/** …and the load this one. */
export const LOAD_CORE = 1;

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  /** The file system under the folder that the journals were written to. */
  readonly fileSystem: string;
}

const CLOCK_TICKS_PER_SECOND = 100; // USER_HZ, the same on every Linux of today (proc(5)).

export async function describeMachine(folder: string): Promise<Machine> {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    kernel: `${release()} ${arch()}`,
    node: process.version,
    fileSystem: await fileSystemOf(folder),
  };
}

/** What is missing to run at all, each in words; empty when all is there. */
export function missingTools(): string[] {
  const missing: string[] = [];
  if (process.platform !== 'linux') missing.push('Linux: cores are pinned with taskset');
  if (availableParallelism() < 2)
    missing.push('two processor cores: one for the server, one for the load');
  const debian = { nginx: 'nginx-light', wrk: 'wrk', taskset: 'util-linux' };
  for (const [program, packageName] of Object.entries(debian)) {
    if (pathOf(program) === null)
      missing.push(`${program} (Debian: apt-get install ${packageName})`);
  }
  return missing;
}

/** Where a program lies; `/usr/sbin` is looked into too, which is not in everybody's PATH. */
export function pathOf(program: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path)) ?? null;
}

/** Processor time that a process has used so far, in seconds; 0 when it is gone. */
export function processorSeconds(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}

/** Moves a process that runs, with all of its threads, to these cores. */
export function moveTo(cores: readonly number[], pid: number): void {
  execFileSync('taskset', ['-a', '-c', '-p', cores.join(','), String(pid)], { stdio: 'ignore' });
}

/** The numbers of all cores. */
export const allCores = (): number[] => Array.from({ length: availableParallelism() }, (_, i) => i);

/** Resident memory of a process in bytes; null when it is gone. */
export function residentBytes(pid: number): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
  } catch {
    return null;
  }
}

async function fileSystemOf(folder: string): Promise<string> {
  const { type } = await statfs(folder);
  const names: Readonly<Record<number, string>> = {
    0xef53: 'ext4',
    0x58465342: 'xfs',
    0x9123683e: 'btrfs',
    0x01021994: 'tmpfs',
    0x794c7630: 'overlayfs',
  };
  return names[type] ?? `type 0x${type.toString(16)}`;
}
