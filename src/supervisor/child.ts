// One process under supervision: started, watched, started again with growing pauses when it dies, and ended.
// What its deaths mean for the server as a whole is supervise.ts's to say.

import { type ChildProcess, spawn } from 'node:child_process';

import { RESTART_MS_MAX, RESTART_MS_MIN, RESTART_RESET_MS } from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';
import type { RoleMessage } from './role.ts';

export interface ChildSpec {
  readonly name: string;
  /** What node runs: the script and its arguments. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export interface ChildWatcher {
  /** Told at each start that succeeds. */
  ready(child: Child): void;
  /** Told at each death that was not asked for. Says whether a new start is to follow. */
  died(child: Child, exitCode: number | null): boolean;
}

export class Child {
  readonly name: string;
  /** It has said that it works, and has not died since. */
  ready = false;
  /** Why it does not work, as it said itself or as its death says; null when there is nothing known. */
  trouble: string | null = null;
  /** Deaths in a row, each before it had lived long enough to count as healthy. */
  failures = 0;
  readonly #spec: ChildSpec;
  readonly #watcher: ChildWatcher;
  readonly #log: Logger;
  #process: ChildProcess | null = null;
  #startedAt = 0;
  #restart: NodeJS.Timeout | null = null;
  #stopping = false;
  /** Resolves at the end of the present process. */
  #gone: Promise<boolean> = Promise.resolve(true);

  constructor(spec: ChildSpec, watcher: ChildWatcher, log: Logger) {
    this.name = spec.name;
    this.#spec = spec;
    this.#watcher = watcher;
    this.#log = log;
  }

  start(): void {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#gone = promise;
    this.#startedAt = performance.now();
    // stdout is the supervisor's own, for people; whatever a child has to say is for stderr.
    const child = spawn(process.execPath, [...this.#spec.command], {
      env: this.#spec.environment,
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    this.#process = child;
    let said: string | null = null;
    child.on('message', (message: RoleMessage) => {
      if (message.type === 'not-ready') said = this.trouble = message.reason;
      if (message.type !== 'ready' || this.ready) return;
      this.ready = true;
      this.trouble = null;
      this.#watcher.ready(this);
    });
    let ended = false;
    const end = (code: number | null, signal: NodeJS.Signals | null, error?: Error): void => {
      if (ended) return;
      ended = true;
      this.#process = null;
      // SIGTERM ends a process that is still loading its modules, which has nothing to drain.
      resolve(code === 0 || signal === 'SIGTERM');
      this.trouble = said ?? `it ended with ${signal ?? `exit code ${code}`}; the log says more`;
      this.#onEnd(code, signal, error);
    };
    child.on('exit', end);
    // The machine refused the process (memory, a limit): `exit` does not come then.
    child.on('error', (error) => {
      if (child.pid === undefined) end(null, null, error);
    });
  }

  #onEnd(code: number | null, signal: NodeJS.Signals | null, error?: Error): void {
    this.ready = false;
    if (this.#stopping) return;
    const livedMs = performance.now() - this.#startedAt;
    this.failures = livedMs >= RESTART_RESET_MS ? 1 : this.failures + 1;
    const death = { child: this.name, code, signal, failures: this.failures, err: error };
    if (!this.#watcher.died(this, code)) {
      this.#log.error(death, `${this.name} died`);
      return;
    }
    const pauseMs = Math.min(RESTART_MS_MAX, RESTART_MS_MIN * 2 ** (this.failures - 1));
    this.#log.error({ ...death, pauseMs }, `${this.name} died; it starts again`);
    this.#restart = setTimeout(() => this.start(), pauseMs);
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** Asks it to drain and kills it when it has not within `milliseconds`. True when it drained by itself. */
  async stop(milliseconds: number): Promise<boolean> {
    this.#stopping = true;
    if (this.#restart !== null) clearTimeout(this.#restart);
    if (this.#process === null) return true;
    this.signal('SIGTERM');
    const deadline = setTimeout(() => {
      this.#log.error({ child: this.name }, `${this.name} did not drain in time; it is killed`);
      this.signal('SIGKILL');
    }, milliseconds);
    const clean = await this.#gone;
    clearTimeout(deadline);
    return clean;
  }

  /** Ends it at once, without a new start. */
  kill(): void {
    this.#stopping = true;
    if (this.#restart !== null) clearTimeout(this.#restart);
    this.signal('SIGKILL');
  }
}
