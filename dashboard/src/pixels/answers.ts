// The shapes of the server's answers about pixels and their hits, as the API's contract states them.

import type { Class, Pixel as ApiPixel } from '../../../client/api.d.ts';
import type { OpenCounts } from '../api/answers.ts';

export type Mode = ApiPixel['effective_mode'];

/** What is said about a pixel when it is minted or later. */
export interface Properties {
  readonly label: string | null;
  readonly campaign: string | null;
  readonly recipient: string | null;
  /** RFC 3339. */
  readonly sent_at: string | null;
  /** Null: that of the installation. */
  readonly mode: Mode | null;
  readonly metadata: Readonly<Record<string, unknown>> | null;
}

/** One that was just minted. */
export interface Minted extends Properties {
  readonly code: string;
  readonly image_url: string;
  readonly image_html: string;
  readonly created_at: string;
  readonly effective_mode: Mode;
}

export interface Pixel extends Minted {
  readonly counts: OpenCounts;
  readonly last_hit_at: string | null;
}

export interface PixelPage {
  readonly pixels: readonly Pixel[];
  readonly cursor: string | null;
  /** How many match, on all pages. */
  readonly total: number;
}

export type VerdictClass = Class;

/** Why a hit has its class: one of those that hits/why.ts has sentences for, or of a newer server's. */
export type Reason = string;

/** How it is known whose look it was; `disclaimed`: not one of ours. */
export type OwnSign = 'address' | 'browser' | 'claimed' | 'disclaimed';

export interface Hit {
  /** Of a pixel's hit its code. */
  readonly uri: string | null;
  readonly time_stamp: string;
  /** Empty when it is not kept. */
  readonly ip_address: string;
  readonly user_agent: string | null;
  readonly referrer: string | null;
  readonly id: string;
  readonly class: VerdictClass;
  readonly reason: Reason;
  readonly client: string | null;
  readonly os: string | null;
  readonly device: string | null;
  readonly country: string | null;
  readonly own: OwnSign | null;
}

export interface HitPage {
  readonly hits: readonly Hit[];
  readonly cursor: string | null;
}

/** A hit among those of several pixels and of visits. */
export interface LiveHit extends Hit {
  readonly kind: 'open' | 'visit';
  /** Of its pixel. */
  readonly campaign?: string | null;
  readonly label?: string | null;
}

/** An erasure as it goes on. */
export interface Erasure {
  readonly id: string;
  readonly state: 'open' | 'done';
  /** Why it is not done yet and is tried again. */
  readonly obstacle: string | null;
  readonly removed: { readonly pixels: number; readonly store_hits: number };
  /** What is left for somebody else to remove. */
  readonly unreached: readonly string[];
}
