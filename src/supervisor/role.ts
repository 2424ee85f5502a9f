// The life of one process of the system, collector or store: it starts, says that it is ready, works until
// it is told to end, drains within a bound, and has an exit code that says how that went.

import { EXIT_FAILED, Failure } from '../config/failure.ts';
import { DRAIN_MS_MAX } from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';
import { listenForStop, type StopReason } from './signals.ts';

export interface RoleProcess {
  /** For the log. */
  readonly name: string;
  readonly log: Logger;
  /**
   * Resolves when the process does its work. A rejection ends the process; throw a `Failure` where one
   * fits. It calls `waitsFor` with the reason when it cannot go on yet, e.g. for somebody else's lock.
   * A process that is told to end meanwhile ends at once, in the middle of it: nobody relies on it yet,
   * and what it leaves is what a kill leaves.
   */
  start(waitsFor: (reason: string) => void): Promise<RunningRole>;
}

export interface RunningRole {
  /** What to tell log and supervisor: the port, the slot. */
  readonly ready: Readonly<Record<string, unknown>>;
  /** Takes no more work, finishes what is under way and lets go of everything. */
  drain(): Promise<void>;
}

/** What a child tells its supervisor: that it works, or in one line why it does not yet. */
export type RoleMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'not-ready'; readonly reason: string };

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
  const running = await Promise.race([start(role), stopped.then(() => null)]);
  if (running === null) return 0;
  role.log.info(running.ready, `${role.name} is ready`);
  void tell({ type: 'ready' });

  const reason = await stopped;
  await running.drain();
  role.log.info({ reason }, `${role.name} has drained`);
  return 0;
}

async function start(role: RoleProcess): Promise<RunningRole> {
  try {
    return await role.start((reason) => {
      role.log.info({ reason }, `${role.name} waits`);
      void tell({ type: 'not-ready', reason });
    });
  } catch (error) {
    if (error instanceof Failure) await tell({ type: 'not-ready', reason: error.message });
    throw error;
  }
}

/** Resolves when it is under way, or when there is no supervisor (any more); never rejects. */
function tell(message: RoleMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    // One that has just gone cannot be told; the loss of it comes as a wish to end anyway.
    else process.send(message, undefined, undefined, () => resolve());
  });
}

function afterDrainTime(): Promise<number> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(EXIT_FAILED), DRAIN_MS_MAX);
  });
}
