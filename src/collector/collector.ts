// Puts one collector together from its parts. What it talks to, journal and other processes, comes from
// outside, so that tests can hand it a journal that refuses.

import type { Config } from '../config/config.ts';
import { storeSocket } from '../config/paths.ts';
import type { CodeAuthority } from '../hit/code.ts';
import type { PixelModes } from '../hit/pixel-modes.ts';
import type { VisitorSalts } from '../hit/visitor-salts.ts';
import type { JournalWriter } from '../journal/journal.ts';
import { bearerCheck } from '../telemetry/bearer.ts';
import type { Readiness } from '../telemetry/control.ts';
import type { Judge } from '../verdict/judge.ts';
import { Admission } from './admission.ts';
import { ClientAddresses } from './client-address.ts';
import { Collect } from './collect.ts';
import { Counters } from './counters.ts';
import { Discretion, needsVisitors } from './discretion.ts';
import { Forward } from './forward.ts';
import { ImageReplies } from './image.ts';
import { Lane } from './lane.ts';
import { Listener } from './listener.ts';
import { NodeLane } from './node-lane.ts';
import { Operations } from './operations.ts';
import { OwnBrowsers } from './own-browsers.ts';

interface CollectorParts {
  readonly config: Config;
  readonly journal: JournalWriter;
  readonly codes: Pick<CodeAuthority, 'verify'>;
  readonly modes: Pick<PixelModes, 'find' | 'onChange'>;
  /** What signs the cookies of own browsers. */
  readonly codeSecret: Uint8Array;
  /** Asked only for hits of which not everything may be kept. */
  readonly judge: () => Judge;
  readonly salts: Pick<VisitorSalts, 'current'>;
  readonly apiToken: string;
  /** Of all processes of this DATA_DIR. */
  readonly metrics: () => Promise<string>;
  readonly readiness: () => Promise<Record<string, Readiness>>;
}

/** Where events go to a bus the store is another machine's. */
const COLLECTS_ONLY =
  'this machine only collects: API and dashboard are where truepixel store runs';

export class Collector {
  readonly counters = new Counters();
  readonly #config: Config;
  readonly #listener: Listener;

  constructor(parts: CollectorParts) {
    const { config, journal, apiToken, metrics, readiness } = parts;
    const { counters } = this;
    this.#config = config;
    const addresses = new ClientAddresses(config);
    const collect = new Collect({
      admission: new Admission(parts),
      addresses,
      journal,
      ownBrowsers: new OwnBrowsers(parts.codeSecret),
      discretion: new Discretion({ ...parts, addresses }),
      keepsAll: !needsVisitors(config),
    });
    const isOpen = config.metricsAuth === 'none' || config.apiAuth === 'none';
    const withRelay = config.snsTopic !== null;
    const bearer = isOpen ? null : bearerCheck(apiToken);
    const operations = new Operations({ journal, readiness, metrics, bearer, withRelay });
    const socketPath = storeSocket(config.dataDir);
    const noStore = withRelay ? { noAnswer: COLLECTS_ONLY } : {};
    const forward =
      config.apiPort === null ? new Forward({ socketPath, addresses, counters, ...noStore }) : null;
    const nodeLane = new NodeLane({ collect, counters, operations, forward });
    const replies = new ImageReplies(new Date());
    const handOff = nodeLane.adopt.bind(nodeLane);
    const lane = new Lane({ collect, replies, counters, handOff });
    this.#listener = new Listener({ addresses, replies, counters, lane, nodeLane, forward });
  }

  /** Resolves with the port. Throws a Failure when it cannot be had. */
  listen(): Promise<number> {
    return this.#listener.listen(this.#config);
  }

  /** Stops accepting and sends the replies that are owed. Close the journal after it, not before. */
  drain(): Promise<void> {
    return this.#listener.drain();
  }
}
