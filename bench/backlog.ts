// Keeps a store process busy for as long as something else is measured: hits that were written into journals
// beforehand are moved into its journal a piece at a time, whenever it is about to have loaded all.
//
// In pieces, because an answer of the API waits until the store has what was acknowledged before the
// question: with one great backlog no question would be answered until all of it is loaded. So the store
// always has some seconds of work before it, and answers as a server does that catches up.

import { mkdir, rename } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { controlSocket, journalDir } from '../src/config/paths.ts';
import { RecordEncoder } from '../src/hit/encoding.ts';
import { openJournal } from '../src/journal/open.ts';
import { SEGMENT_BYTES_DEFAULT } from '../src/limits.ts';
import { createLog } from '../src/telemetry/log.ts';
import { append } from './load.ts';
import { Traffic } from './traffic.ts';

const PIECE_EVENTS = 50_000;
/** What the store has before it: more than it loads between two looks, less than it loads in ten seconds. */
const AHEAD_EVENTS = 150_000;
const LOOK_MS = 100;
const FIRST_PIECE_MS_MAX = 60_000;
const SLOT = 'collector-0';
const log = createLog('error', 'bench');

export class Backlog {
  /** One folder each, as a collector leaves it. */
  readonly #pieces: string[];

  private constructor(pieces: string[]) {
    this.#pieces = pieces;
  }

  /** Writes the pieces. */
  static async write(folder: string, events: number): Promise<Backlog> {
    const pieces: string[] = [];
    const traffic = new Traffic(PIECE_EVENTS);
    const encoder = new RecordEncoder();
    for (let i = 0; i * PIECE_EVENTS < events; i++) {
      const dataDir = join(folder, String(i));
      const config = {
        dataDir,
        segmentBytes: SEGMENT_BYTES_DEFAULT,
        journalBytesMax: Number.MAX_SAFE_INTEGER,
        diskFreeBytesMin: 0,
      };
      const journal = await openJournal(config, 'collector', log);
      // The pixels first, then their hits.
      if (i === 0) for (const event of traffic.minted()) await append(journal, encoder, event);
      else for (let n = 0; n < PIECE_EVENTS; n++) await append(journal, encoder, traffic.hit());
      await journal.close();
      pieces.push(join(journalDir(dataDir), SLOT));
    }
    return new Backlog(pieces);
  }

  /**
   * Feeds the store of this server until `feed.stop()`; resolves when the first piece is loaded. `live`
   * tells how many events came into the journal besides.
   */
  async feed(dataDir: string, live: () => number): Promise<Feed> {
    await mkdir(journalDir(dataDir), { recursive: true });
    const feed = new Feed(dataDir, this.#pieces, live);
    await feed.begin();
    return feed;
  }
}

export class Feed {
  readonly #dataDir: string;
  readonly #pieces: string[];
  readonly #live: () => number;
  #moved = 0;
  #stopped = false;
  #running: Promise<void> | null = null;
  /** The least that the store had before it at any look since {@link beginWindow}. */
  #aheadMin = Infinity;
  loaded = 0;

  constructor(dataDir: string, pieces: string[], live: () => number) {
    this.#dataDir = dataDir;
    this.#pieces = pieces;
    this.#live = live;
  }

  async begin(): Promise<void> {
    await this.#look();
    this.#running = this.#run();
    this.#running.catch(() => undefined);
    const until = performance.now() + FIRST_PIECE_MS_MAX;
    while (this.loaded < PIECE_EVENTS) {
      if (performance.now() > until) throw new Error('the store does not load');
      await sleep(LOOK_MS);
    }
  }

  beginWindow(): void {
    this.#aheadMin = Infinity;
  }

  /** Throws when the store had loaded all at some time since {@link beginWindow}, or no piece is left. */
  endWindow(): number {
    if (this.#aheadMin <= 0) throw new Error('the store was not loading all the while');
    return this.#aheadMin;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await sleep(LOOK_MS);
      await this.#look();
    }
  }

  async #look(): Promise<void> {
    this.loaded = await loadedEvents(this.#dataDir);
    const ahead = (): number => this.#moved * PIECE_EVENTS + this.#live() - this.loaded;
    if (this.#moved > 0) this.#aheadMin = Math.min(this.#aheadMin, ahead());
    while (ahead() < AHEAD_EVENTS) {
      const piece = this.#pieces.shift();
      if (piece === undefined) {
        this.#aheadMin = 0;
        return;
      }
      // A slot of its own, as a collector has that was there earlier.
      await rename(piece, join(journalDir(this.#dataDir), `import-${this.#moved}`));
      this.#moved += 1;
    }
  }
}

interface Metric {
  readonly name: string;
  readonly values: readonly { readonly value: number }[];
}

/** Asked of the store process itself, so that the collector that is measured has no work with it. */
async function loadedEvents(dataDir: string): Promise<number> {
  const metrics = JSON.parse(await ask(controlSocket(dataDir, 'store'), '/metrics')) as Metric[];
  const events = metrics.find(({ name }) => name === 'truepixel_loader_events_total');
  return (events?.values ?? []).reduce((sum, { value }) => sum + value, 0);
}

function ask(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, agent: false }, (reply) => {
      let text = '';
      reply.on('data', (piece: Buffer) => (text += piece.toString()));
      reply.on('end', () => resolve(text));
      reply.on('error', reject);
    });
    asked.on('error', reject);
    asked.end();
  });
}
