// Nine weeks in the life of a small company, as events: campaigns and who read them, single mails, a site
// whose pages are counted, and among it all what hostile clients send. The same seed gives the same story.

import type { CodeAuthority } from '../../src/hit/code.ts';
import type { Event, Hit, PixelMinted, PixelProperties } from '../../src/hit/event.ts';
import { impersonal } from '../../src/hit/verdict.ts';
import { seededRandom } from '../simulated-disk.ts';
import * as crowd from './crowd.ts';
import { HOSTILE_AGENTS, HOSTILE_LABELS, HOSTILE_REFERRERS } from './hostile.ts';

/** Pixels that tests and screenshots go to by name. */
export interface Landmarks {
  /** One recipient's, with a hit for every reason that there is. */
  readonly rich: string;
  /** Hostile in label, recipient, agents and referrers. */
  readonly hostile: string;
  /** Nobody ever asked for it. */
  readonly untouched: string;
  /** Counts only. */
  readonly aggregate: string;
}

export interface Story {
  /** Oldest first. */
  readonly events: readonly Event[];
  readonly landmarks: Landmarks;
}

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const HOURS = 63 * 24;
const WELCOME_DAYS = 60;

const FIRST_NAMES = [
  'ada',
  'bo',
  'carla',
  'dmitri',
  'elif',
  'farid',
  'greta',
  'hiro',
  'ines',
  'jon',
];
const HOSTS = ['lindqvist.example', 'fenwick.example', 'morales.example', 'okafor.example'];

/** The more often it stands here, the more often it is looked at. */
const PAGES =
  '/ / / /pricing /pricing /docs/start /docs/start /blog/spring-menu /blog/how-we-bake /contact'.split(
    ' ',
  );
const SITES = [
  'https://www.alder-bakery.example',
  'https://www.alder-bakery.example',
  'https://shop.alder-bakery.example',
];

/** The latest event is a few minutes before `now` (microseconds). */
export function tellStory(codes: CodeAuthority, now: number): Story {
  const teller = new Teller(codes, seededRandom(7), now);
  teller.campaign('Summer survey', 52.2, 40, 0.5);
  teller.campaign('Back to school', 41.1, 52, 0.61);
  teller.campaign('Autumn newsletter', 27.3, 64, 0.72);
  teller.campaign('Product launch', 12.2, 90, 0.64);
  teller.campaign('Invoice reminders', 5.1, 26, 0.85);
  teller.campaign('Winter survey', 3.2, 18, 0.6, 'aggregate');
  teller.welcomeMails();
  teller.visits();
  const landmarks = {
    hostile: teller.hostilePixel(),
    untouched: teller.untouchedPixel(),
    aggregate: teller.aggregate,
    rich: teller.richPixel(),
  };
  return { events: teller.events.toSorted((a, b) => a.at - b.at), landmarks };
}

class Teller {
  readonly events: Event[] = [];
  aggregate = '';
  readonly #codes: CodeAuthority;
  readonly #random: crowd.Random;
  readonly #now: number;

  constructor(codes: CodeAuthority, random: crowd.Random, now: number) {
    this.#codes = codes;
    this.#random = random;
    this.#now = now;
  }

  campaign(
    campaign: string,
    daysAgo: number,
    size: number,
    share: number,
    mode?: 'aggregate',
  ): void {
    const sentAt = this.#daysAgo(daysAgo);
    for (let i = 0; i < size; i++) {
      const who = mode === undefined ? { recipient: this.#recipient(i) } : { mode };
      const code = this.#mint(sentAt - HOUR, { campaign, sentAt: sentAt + i * SECOND, ...who });
      if (mode === 'aggregate') this.aggregate = code;
      const isRead = this.#random() < share;
      if (i % 9 === 4) this.#look(code, sentAt + i * SECOND + 2 * SECOND, crowd.GATEWAY, mode);
      if (isRead) this.#reading(code, sentAt + i * SECOND, mode);
      if (i % 31 === 7)
        this.#look(code, sentAt + 5 * HOUR, crowd.pick(this.#random, crowd.OTHERS), mode);
    }
  }

  /** A mail a day, on weekdays two or three. */
  welcomeMails(): void {
    for (let day = WELCOME_DAYS; day >= 1; day--) {
      for (let i = Math.floor(this.#random() * 3); i >= 0; i--) {
        const sentAt = this.#daysAgo(day - this.#random() * 0.4);
        const recipient = this.#recipient(day * 3 + i);
        const properties = {
          campaign: 'Welcome mails',
          label: `Welcome, ${FIRST_NAMES[(day * 3 + i) % FIRST_NAMES.length]}`,
        };
        const code = this.#mint(sentAt - MINUTE, { ...properties, recipient, sentAt });
        if (this.#random() < 0.7) this.#reading(code, sentAt);
      }
    }
  }

  /** More by day than by night, fewer at weekends, more by the week. */
  visits(): void {
    for (let hour = HOURS; hour >= 1; hour--) {
      const start = this.#now - hour * HOUR;
      const date = new Date(start / 1_000);
      const busy = Math.max(0.08, Math.sin(((date.getUTCHours() - 5) / 20) * Math.PI));
      const weekend = date.getUTCDay() % 6 === 0 ? 0.45 : 1;
      const count = Math.round(
        busy * weekend * (4 + 5 * (1 - hour / HOURS)) * (0.6 + this.#random()),
      );
      for (let i = 0; i < count; i++) {
        const isMachine = this.#random() < 0.07;
        const looker = isMachine
          ? crowd.pick(this.#random, crowd.OTHERS)
          : crowd.browserAtHome(this.#random);
        const page = crowd.pick(this.#random, SITES) + crowd.pick(this.#random, PAGES);
        const referrer = this.#random() < 0.06 ? null : page;
        this.#visit(start + this.#random() * 0.9 * HOUR, looker, referrer);
      }
    }
    for (const [i, agent] of HOSTILE_AGENTS.entries()) {
      const referrer = HOSTILE_REFERRERS[i % HOSTILE_REFERRERS.length] ?? null;
      this.#visit(this.#now - (i + 1) * 40 * MINUTE, { agent, address: '203.0.113.66' }, referrer);
    }
  }

  hostilePixel(): string {
    const [label = '', recipient = '', campaign = '', long = ''] = HOSTILE_LABELS;
    const at = this.#daysAgo(2);
    const metadata = JSON.stringify({ note: label, nested: { html: '</script><b>' }, long });
    const code = this.#mint(at, { label, recipient, campaign, metadata });
    this.#mint(at + 1, { label: long, recipient: 'long-label@fenwick.example' });
    for (const [i, agent] of HOSTILE_AGENTS.entries()) {
      const referrer = HOSTILE_REFERRERS[i] ?? null;
      this.#look(code, at + i * HOUR, { agent, address: '2001:db8::bad:1' }, undefined, referrer);
    }
    return code;
  }

  untouchedPixel(): string {
    const label = 'Quote 2297, Okafor Foods';
    return this.#mint(this.#now - 3 * HOUR, { label, recipient: 'buying@okafor.example' });
  }

  /** The example of docs/counting.md, and then everybody else. */
  richPixel(): string {
    const sentAt = this.#daysAgo(4) + 9 * HOUR;
    const code = this.#mint(sentAt - 10 * MINUTE, {
      label: 'Offer 2291, Lindqvist & Co',
      recipient: 'ada.lindqvist@lindqvist.example',
      sentAt,
      metadata: JSON.stringify({ deal: 2291, owner: 'greta', stage: 'offer' }),
    });
    const home = { agent: crowd.THUNDERBIRD, address: '81.224.0.12' };
    const phone = { agent: crowd.SAFARI_PHONE, address: '81.224.0.12' };
    const webkit = { agent: crowd.APPLE_MAIL, address: '77.160.0.4' };
    const looks: [number, crowd.Looker][] = [
      [2 * SECOND, crowd.GATEWAY],
      [20 * SECOND, crowd.GMAIL_PREFETCH],
      [40 * SECOND, crowd.APPLE],
      [45 * SECOND, crowd.APPLE_PROBABLY],
      [12 * MINUTE, crowd.GMAIL],
      [12 * MINUTE + 4 * SECOND, crowd.GMAIL],
      [90 * MINUTE, home],
      [91 * MINUTE, home],
      [2 * HOUR, crowd.OFFICE],
      [9 * HOUR, phone],
      [26 * HOUR, home],
      [29 * HOUR, webkit],
      [30 * HOUR, crowd.YAHOO],
      [31 * HOUR, crowd.FASTMAIL],
      [51 * HOUR, phone],
      [74 * HOUR, home],
    ];
    for (const [after, looker] of looks) this.#look(code, sentAt + after, looker);
    for (const [i, looker] of crowd.OTHERS.entries()) {
      this.#look(code, sentAt + (3 + i * 4) * HOUR, looker);
    }
    return code;
  }

  #daysAgo(days: number): number {
    return this.#now - Math.round(days * DAY);
  }

  #recipient(i: number): string {
    const name = FIRST_NAMES[i % FIRST_NAMES.length];
    return `${name}${i >= 40 ? i : ''}@${HOSTS[i % HOSTS.length]}`;
  }

  #mint(at: number, properties: PixelProperties): string {
    const code = this.#codes.mint(properties.mode ?? null);
    const minted: PixelMinted = { kind: 'pixel-minted', at: Math.round(at), code, properties };
    this.events.push(minted);
    return code;
  }

  /** One recipient reads: once or several times within some days, sooner more likely than later. */
  #reading(code: string, sentAt: number, mode?: 'aggregate'): void {
    const looker = crowd.reader(this.#random);
    const times = looker.agent === crowd.APPLE.agent ? 1 : 1 + Math.floor(this.#random() * 2.6);
    let at = sentAt;
    if (looker === crowd.GMAIL && this.#random() < 0.2) {
      this.#look(code, at + 9 * SECOND, crowd.GMAIL_PREFETCH, mode);
    }
    for (let i = 0; i < times; i++) {
      at += 3 * MINUTE - Math.log(1 - this.#random()) * 9 * HOUR;
      this.#look(code, at, looker, mode);
      if (this.#random() < 0.15) this.#look(code, at + 3 * SECOND, looker, mode);
    }
  }

  #look(
    code: string,
    at: number,
    { agent, address, purpose }: crowd.Looker,
    mode?: 'aggregate',
    referrer: string | null = null,
  ): void {
    if (at > this.#now - 4 * MINUTE) return;
    const facts: Hit = {
      kind: 'open',
      at: Math.round(at),
      code,
      address: mode === undefined ? address : '',
      agent: mode === undefined ? agent : null,
      referrer,
      purpose: purpose ?? null,
    };
    this.events.push(mode === undefined ? facts : { ...facts, withheld: withheldOf(agent) });
  }

  #visit(at: number, { agent, address, purpose }: crowd.Looker, referrer: string | null): void {
    this.events.push({
      kind: 'visit',
      at: Math.round(at),
      code: null,
      address,
      agent,
      referrer,
      purpose: purpose ?? null,
    });
  }
}

/** What a collector leaves of a look at a pixel that is for counts only. */
function withheldOf(agent: string | null): NonNullable<Hit['withheld']> {
  const isApple = agent === crowd.APPLE.agent;
  const verdict = isApple
    ? impersonal('apple-mpp-listed', 'Apple Mail')
    : impersonal('gmail-proxy-token', 'Gmail');
  return { verdict, visitor: null, ownAddress: false, mailSecurity: false };
}
