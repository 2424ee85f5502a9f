// The shapes of the server's answers, as the API's contract states them.

import type { Interval } from '../place/range.ts';

export type Scope = 'read' | 'mint' | 'admin';

/** Who is signed in; `open`: this server asks nobody. */
export interface Session {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly kind: 'token' | 'session' | 'open';
  readonly expires_at: string | null;
}

export interface ServerConfig {
  readonly base_url: string;
  readonly version: string;
  readonly store: 'duckdb' | 'questdb';
  readonly repeat_seconds: number;
  readonly pixel_mode: 'individual' | 'aggregate' | 'off';
  readonly privacy: 'standard' | 'strict';
}

/** Every hit is in one of opens, repeats, unverified, machine and ignored; `unique_opens` stands beside. */
export interface OpenCounts {
  readonly hits: number;
  readonly opens: number;
  readonly unique_opens: number;
  readonly repeats: number;
  readonly unverified: number;
  readonly machine: number;
  readonly ignored: number;
}

export type VisitCounts = Omit<OpenCounts, 'opens' | 'unique_opens'> & {
  readonly visits: number;
  readonly unique_visits: number;
};

export type Dimension =
  | 'campaign'
  | 'pixel'
  | 'class'
  | 'client'
  | 'os'
  | 'device'
  | 'country'
  | 'referrer'
  | 'page';

export type Point<Counts> = Counts & { readonly start: string };

export interface Group<Counts> {
  readonly value: string | null;
  /** Of a pixel. */
  readonly label?: string | null;
  readonly totals: Counts;
  readonly series: readonly Point<Counts>[];
}

export interface Statistics<Counts> {
  readonly from: string;
  readonly to: string;
  readonly time_zone: string;
  readonly interval: Interval | null;
  readonly split: Dimension | null;
  readonly totals: Counts;
  readonly series: readonly Point<Counts>[];
  readonly groups: readonly Group<Counts>[];
  readonly groups_left_out: number;
}

export interface Campaign {
  readonly campaign: string | null;
  readonly pixels: number;
  readonly pixels_opened: number;
  readonly first_created_at: string;
  readonly last_created_at: string;
  readonly counts: OpenCounts;
}

export interface CampaignPage {
  readonly campaigns: readonly Campaign[];
  readonly cursor: string | null;
}
