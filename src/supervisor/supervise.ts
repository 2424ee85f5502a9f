// The supervisor: keeps a server's processes alive, and decides when the whole must end. Only collectors
// matter for that: the others work on with what the collectors kept, and one that fails is started again for
// ever, so that it never costs a hit. Collectors go first when it drains, so that what they kept last still
// reaches the store.

import { EXIT_FAILED, EXIT_USAGE } from '../config/failure.ts';
import {
  COLLECTORS_DRAIN_MS_MAX,
  DRAIN_MS_MAX,
  FOLLOWERS_WAIT_MS_MAX,
  RESTART_FAILURES_MAX,
  START_FAILURES_MAX,
  START_MS_MAX,
} from '../limits.ts';
import type { Logger } from '../telemetry/log.ts';
import { Child, type ChildSpec } from './child.ts';
import { listenForStop } from './signals.ts';

export interface Server {
  readonly collectors: readonly ChildSpec[];
  /** What works on with what the collectors keep: the store process, or the relay to a bus, or neither. */
  readonly followers: readonly ChildSpec[];
  readonly log: Logger;
  /**
   * Called once, when every process is ready, or a little after all collectors are; `missing` are the
   * followers that are not.
   */
  onReady(missing: readonly Missing[]): void;
  /** Called once, before the first process is told to drain. */
  onStop(): void;
  /** Others than those of limits.ts; for tests. */
  readonly bounds?: Partial<Bounds>;
}

export interface Missing {
  readonly name: string;
  /** One line. */
  readonly reason: string;
}

export interface Bounds {
  readonly startMsMax: number;
  readonly followersWaitMsMax: number;
  readonly startFailuresMax: number;
  readonly restartFailuresMax: number;
  readonly collectorsDrainMsMax: number;
  readonly drainMsMax: number;
}

const BOUNDS: Bounds = {
  startMsMax: START_MS_MAX,
  followersWaitMsMax: FOLLOWERS_WAIT_MS_MAX,
  startFailuresMax: START_FAILURES_MAX,
  restartFailuresMax: RESTART_FAILURES_MAX,
  collectorsDrainMsMax: COLLECTORS_DRAIN_MS_MAX,
  drainMsMax: DRAIN_MS_MAX,
};

/** Runs until told to end or until it must give up; resolves with the exit code, all processes gone. */
export function supervise(server: Server): Promise<number> {
  return new Supervisor(server).run();
}

class Supervisor {
  readonly #server: Server;
  readonly #bounds: Bounds;
  readonly #collectors: readonly Child[];
  readonly #followers: readonly Child[];
  readonly #ended = Promise.withResolvers<number>();
  /** All collectors were ready at once: from now on hits are kept, and only their loss counts. */
  #collecting = false;
  #announced = false;
  #stopping = false;

  constructor(server: Server) {
    this.#server = server;
    this.#bounds = { ...BOUNDS, ...server.bounds };
    const watcher = {
      ready: () => this.#onReady(),
      died: (child: Child, exitCode: number | null) => this.#onDeath(child, exitCode),
    };
    const create = (spec: ChildSpec): Child => new Child(spec, watcher, server.log);
    this.#collectors = server.collectors.map(create);
    this.#followers = server.followers.map(create);
  }

  async run(): Promise<number> {
    listenForStop({
      stop: (reason) => {
        this.#server.log.info({ reason }, 'draining');
        this.#stop(0);
      },
      hurry: () => this.#hurry(),
    });
    // SIGHUP reopens the visit log, which is the store's.
    process.on('SIGHUP', () => this.#followers.forEach((child) => child.signal('SIGHUP')));

    const { startMsMax } = this.#bounds;
    const startDeadline = setTimeout(() => {
      if (!this.#collecting) this.#giveUp(`not ready within ${startMsMax} ms`, EXIT_FAILED);
    }, startMsMax);
    for (const child of this.#all()) child.start();
    const code = await this.#ended.promise;
    clearTimeout(startDeadline);
    return code;
  }

  #all(): readonly Child[] {
    return [...this.#collectors, ...this.#followers];
  }

  #onReady(): void {
    if (!this.#collecting && this.#collectors.every((child) => child.ready)) {
      this.#collecting = true;
      setTimeout(() => this.#announce(), this.#bounds.followersWaitMsMax).unref();
    }
    if (this.#collecting && this.#followers.every((child) => child.ready)) this.#announce();
  }

  #announce(): void {
    if (this.#announced || this.#stopping) return;
    this.#announced = true;
    const missing = this.#followers.filter((child) => !child.ready);
    this.#server.onReady(
      missing.map(({ name, trouble }) => ({ name, reason: trouble ?? 'it is still starting' })),
    );
  }

  /** Whether the child is to be started again. */
  #onDeath(child: Child, exitCode: number | null): boolean {
    this.#judgeDeath(child, exitCode);
    return !this.#stopping;
  }

  #judgeDeath(child: Child, exitCode: number | null): void {
    const collects = this.#collectors.includes(child);
    if (exitCode === EXIT_USAGE && (collects || !this.#announced)) {
      // All processes have one configuration, so its errors are the server's, whoever finds them.
      this.#giveUp(`${child.name} refuses its configuration`, EXIT_USAGE);
      return;
    }
    if (!collects) return;
    if (!this.#collecting && child.failures >= this.#bounds.startFailuresMax) {
      this.#giveUp(`${child.name} cannot start`, EXIT_FAILED);
    } else if (this.#collectors.every((collector) => this.#isLost(collector))) {
      this.#giveUp('no collector can be kept alive', EXIT_FAILED);
    }
  }

  #isLost(collector: Child): boolean {
    return !collector.ready && collector.failures >= this.#bounds.restartFailuresMax;
  }

  #giveUp(reason: string, code: number): void {
    if (this.#stopping) return;
    this.#server.log.fatal({ reason }, `the server gives up: ${reason}`);
    this.#stop(code);
  }

  #stop(code: number): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#server.onStop();
    void this.#drain().then((clean) => {
      this.#ended.resolve(code === 0 && !clean ? EXIT_FAILED : code);
    });
  }

  async #drain(): Promise<boolean> {
    const startedAt = performance.now();
    const stopAll = async (children: readonly Child[], untilMs: number): Promise<boolean> => {
      const leftMs = Math.max(0, startedAt + untilMs - performance.now());
      const clean = await Promise.all(children.map((child) => child.stop(leftMs)));
      return clean.every(Boolean);
    };
    const collectorsClean = await stopAll(this.#collectors, this.#bounds.collectorsDrainMsMax);
    const followersClean = await stopAll(this.#followers, this.#bounds.drainMsMax);
    return collectorsClean && followersClean;
  }

  #hurry(): void {
    this.#server.log.warn('told to end a second time: killing all processes');
    for (const child of this.#all()) child.kill();
    this.#ended.resolve(EXIT_FAILED);
  }
}
