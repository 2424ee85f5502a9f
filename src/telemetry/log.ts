// One way to log for every process: JSON lines on stderr, so that stdout stays free for what a command is
// asked to print. What a hit contained and what a secret is never come here.

import pino from 'pino';
import type { Config } from '../config/config.ts';
import { LOG_BACKLOG_BYTES_MAX } from '../limits.ts';

export type Logger = pino.Logger;

/** `processName` tells the lines of several processes apart: `serve`, `collector-0`, `store`. */
export function createLog(level: Config['logLevel'], processName: string): Logger {
  // Synchronous: the last line before a crash is the one that is needed, and lines are few.
  const stderr = pino.destination({ fd: 2, sync: true, maxLength: LOG_BACKLOG_BYTES_MAX });
  // A full disk or a closed terminal must not end a process that keeps hits; without a listener it would.
  stderr.on('error', () => {});
  return pino(
    {
      level,
      base: { process: processName, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // Nobody logs these on purpose; a request or config object logged whole must not give them away.
      redact: {
        paths: [
          'authorization',
          'apiToken',
          'codeSecret',
          '*.authorization',
          '*.apiToken',
          '*.codeSecret',
        ],
        censor: '[secret]',
      },
    },
    stderr,
  );
}
