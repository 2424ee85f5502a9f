// The load of the benchmark: wrk with many connections and the headers that browsers send. Connections are
// kept, or every request has one of its own: then it says `Connection: close`, so that the server closes.
//
// Whoever closes first has the address pair for a minute more (TIME_WAIT). As a rule that is the server here,
// and the kernel takes a new connection on such a pair when its timestamp is newer, so that ports do not run
// out. Where wrk is first, Linux gives its ports out again after a second on loopback (tcp_tw_reuse = 2, the
// default): 28,000 connections a second of one address, which is above what wrk opens on one core.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { LOAD_CORE } from './machine.ts';

/** One run as wrk saw it. */
export interface WrkRun {
  /** Complete replies, whatever their status. */
  readonly replies: number;
  /** Those whose status was neither 2xx nor 3xx. */
  readonly notOk: number;
  /** Connections that failed, were cut or timed out. */
  readonly broken: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

export interface WrkOptions {
  /** Every request has a connection of its own. */
  readonly newConnections?: boolean;
  /** Where it runs, as many threads as there are; the load's core unless given. */
  readonly cores?: readonly number[];
}

const SCRIPT = fileURLToPath(new URL('browser.lua', import.meta.url));
const run = promisify(execFile);

/** Loads one URL for so many seconds. Throws when wrk fails. */
export async function wrk(
  url: string,
  connections: number,
  seconds: number,
  { newConnections = false, cores = [LOAD_CORE] }: WrkOptions = {},
): Promise<WrkRun> {
  const load = ['wrk', `-t${cores.length}`, `-c${connections}`, `-d${seconds}s`, '-s', SCRIPT, url];
  const env = { ...process.env, CONNECTION: newConnections ? 'close' : 'keep-alive' };
  const { stdout } = await run('taskset', ['-c', cores.join(','), ...load], { env });
  const line = stdout.split('\n').find((candidate) => candidate.startsWith('{'));
  if (line === undefined) throw new Error(`wrk gave no result:\n${stdout}`);
  return JSON.parse(line) as WrkRun;
}
