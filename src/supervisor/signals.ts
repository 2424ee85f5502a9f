// When a process must end: SIGTERM, Ctrl-C, or the loss of the process that started it and holds the other
// end of its IPC channel (so that children never outlive a supervisor that was killed, nor a server its
// launcher).

import { closeSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';

import { SIGNAL_REPEAT_MS_MAX } from '../limits.ts';

/** Set in the environment of a supervisor's children; its value says nothing. */
export const SUPERVISED_VARIABLE = 'TRUEPIXEL_SUPERVISED';

export type StopReason = 'SIGTERM' | 'SIGINT' | 'SIGHUP' | 'disconnect';

export interface StopListener {
  /** The first wish to end: drain. */
  stop(reason: StopReason): void;
  /** A second signal, later than an accidental repetition would come: end now. */
  hurry(): void;
}

/** Whether a supervisor of ours started this process and will tell it when to end. */
function isSupervised(): boolean {
  return process.send !== undefined && process.env[SUPERVISED_VARIABLE] !== undefined;
}

/**
 * Tells `listener` when to end, and keeps SIGHUP from ending the process: it asks the store to reopen the
 * visit log. Ctrl-C reaches a whole process group; a supervised process leaves it to its supervisor.
 */
export function listenForStop(listener: StopListener): void {
  let stoppedAt: number | null = null;
  const wish = (reason: StopReason): void => {
    if (stoppedAt === null) {
      stoppedAt = performance.now();
      listener.stop(reason);
    } else if (reason !== 'disconnect' && performance.now() - stoppedAt > SIGNAL_REPEAT_MS_MAX) {
      listener.hurry();
    }
  };
  process.on('SIGTERM', () => wish('SIGTERM'));
  process.on('SIGINT', () => {
    if (!isSupervised()) wish('SIGINT');
  });
  const hadTerminal = isatty(0);
  process.on('SIGHUP', () => {
    if (hadTerminal && isTerminalGone()) wish('SIGHUP');
  });
  if (process.send === undefined) return;
  process.on('disconnect', () => wish('disconnect'));
  // It may have gone while this process was loading its modules.
  if (!process.connected) wish('disconnect');
}

/** A terminal that is closed sends SIGHUP too, and nobody is left then to press Ctrl-C. */
function isTerminalGone(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return false;
  } catch {
    return true;
  }
}
