// The life of one process of the system, collector or store: it starts, says that it is ready, works until
// it is told to end, drains within a bound, and has an exit code that says how that went.

import { EXIT_FAILED } from '../config/failure.ts';
import { DRAIN_MS_MAX } from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';
import { listenForStop, type StopReason } from './signals.ts';

export interface RoleProcess {
  /** For the log. */
  readonly name: string;
  readonly log: Logger;
  /**
   * Resolves when the process does its work. A rejection ends the process; throw a `Failure` where one
   * fits.
   */
  start(): Promise<RunningRole>;
}

export interface RunningRole {
  /** What to tell log and supervisor: the port, the slot. */
  readonly ready: Readonly<Record<string, unknown>>;
  /** Takes no more work, finishes what is under way and lets go of everything. */
  drain(): Promise<void>;
}

/** What a child tells its supervisor, once. */
export interface ReadyMessage {
  readonly type: 'ready';
}

/** Resolves with the exit code when the process has drained or given up. Called once in a process. */
export async function runRole(role: RoleProcess): Promise<number> {
  const stopped = Promise.withResolvers<StopReason>();
  const hurried = Promise.withResolvers<number>();
  listenForStop({
    stop: stopped.resolve,
    hurry: () => hurried.resolve(EXIT_FAILED),
  });

  const working = work(role, stopped.promise);
  const outOfTime = stopped.promise.then(async () => {
    const code = await afterDrainTime();
    role.log.error({ milliseconds: DRAIN_MS_MAX }, `${role.name} did not drain in time`);
    return code;
  });
  return Promise.race([working, outOfTime, hurried.promise]);
}

async function work(role: RoleProcess, stopped: Promise<StopReason>): Promise<number> {
  const running = await role.start();
  role.log.info(running.ready, `${role.name} is ready`);
  const message: ReadyMessage & Record<string, unknown> = { type: 'ready', ...running.ready };
  // A supervisor that has just gone cannot be told; the loss of it comes as a wish to end anyway.
  process.send?.(message, undefined, undefined, () => {});

  const reason = await stopped;
  await running.drain();
  role.log.info({ reason }, `${role.name} has drained`);
  return 0;
}

function afterDrainTime(): Promise<number> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(EXIT_FAILED), DRAIN_MS_MAX);
  });
}
