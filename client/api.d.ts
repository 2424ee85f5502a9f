// What goes over the wire, as types. `npm run docs` writes this from docs/openapi.json.

/** What pixels with the same `campaign` have in common. */
export interface Campaign {
  readonly campaign: string | null;
  readonly pixels: number;
  /** At so many of them somebody looked. */
  readonly pixels_opened: number;
  /** When its first pixel was minted. */
  readonly first_created_at: string;
  /** When its newest pixel was minted. */
  readonly last_created_at: string;
  readonly counts: Counts;
}

/** What a hit is believed to be (docs/verdicts.md). */
export type Class =
  | 'human-mail'
  | 'human-browser'
  | 'gmail-proxy'
  | 'yahoo-proxy'
  | 'other-proxy'
  | 'apple-mpp'
  | 'prefetch'
  | 'security-scanner'
  | 'link-preview'
  | 'crawler'
  | 'http-library'
  | 'unknown';

/** Each hit is in exactly one of these but `hits` and the unique ones (docs/counting.md). */
export interface Counts {
  readonly hits: number;
  readonly opens: number;
  readonly unique_opens: number;
  readonly repeats: number;
  readonly unverified: number;
  readonly machine: number;
  readonly ignored: number;
}

export interface ErasedRecords {
  readonly records: number;
  readonly files: number;
}

/** An erasure as a job, and what it removed so far. */
export interface Erasure {
  readonly id: string;
  readonly of: 'pixel' | 'recipient' | 'address';
  readonly state: 'open' | 'done';
  readonly asked_at: string;
  readonly done_at: string | null;
  /** Why it is not done yet and is tried again; null: nothing. */
  readonly obstacle: string | null;
  readonly removed: {
    readonly pixels: number;
    readonly store_hits: number;
    readonly visit_log_lines: number;
    readonly journal: ErasedRecords;
    readonly archive: ErasedRecords;
    readonly corrupt: ErasedRecords;
  };
  /** What is left for somebody else to remove. */
  readonly unreached: readonly string[];
}

/** One request for a tracking image, with its verdict. */
export interface Hit {
  /** The code of the pixel. */
  readonly uri: string;
  readonly time_stamp: string;
  /** Empty when it is not kept. */
  readonly ip_address: string;
  readonly user_agent: string | null;
  readonly referrer: string | null;
  /** Names the hit for good. */
  readonly id: string;
  readonly class: Class;
  readonly reason: Reason;
  readonly client: string | null;
  readonly os: string | null;
  readonly device: 'desktop' | 'mobile' | 'tablet' | 'tv' | 'console' | 'watch' | null;
  /** ISO 3166-1, two letters. */
  readonly country: string | null;
  /** How it is known that this was your own look; `disclaimed`: somebody said it was not. */
  readonly own: 'address' | 'browser' | 'claimed' | 'disclaimed' | null;
}

/** A pixel with its opens, as TrackPixel told them. */
export interface Info {
  /** The code of the pixel. */
  readonly uri: string;
  /** Every request for the image, whoever made it; `counts` tells people from machines. */
  readonly total_opens: number;
  /** Null when the pixel was not minted here but has hits (`CODE_CHECK=off`, or a shared `CODE_SECRET`). */
  readonly created_at: string | null;
  readonly timeseries_data: readonly Hit[];
  readonly image_url: string;
  readonly cursor: string | null;
  readonly counts: Counts;
  /** What the pixel has of its own; null: that of the installation. */
  readonly mode: Mode | null;
  readonly effective_mode: Mode;
  readonly sent_at: string | null;
  readonly recipient: string | null;
  readonly label: string | null;
  readonly campaign: string | null;
  readonly metadata: Readonly<Record<string, unknown>> | null;
}

/** A hit of whichever kind, with its verdict. */
export interface ListedHit {
  /** The code of the pixel; null for a visit. */
  readonly uri: string | null;
  readonly time_stamp: string;
  /** Empty when it is not kept. */
  readonly ip_address: string;
  readonly user_agent: string | null;
  readonly referrer: string | null;
  /** Names the hit for good. */
  readonly id: string;
  readonly class: Class;
  readonly reason: Reason;
  readonly client: string | null;
  readonly os: string | null;
  readonly device: 'desktop' | 'mobile' | 'tablet' | 'tv' | 'console' | 'watch' | null;
  /** ISO 3166-1, two letters. */
  readonly country: string | null;
  /** How it is known that this was your own look; `disclaimed`: somebody said it was not. */
  readonly own: 'address' | 'browser' | 'claimed' | 'disclaimed' | null;
  readonly kind: 'open' | 'visit';
}

/** A tracking image, and how often it was looked at. */
export interface ListedPixel {
  readonly code: string;
  /** The image. With `.gif` in place of `.png` it is a GIF. */
  readonly image_url: string;
  /** To be put into a mail or a page as it is. */
  readonly image_html: string;
  /** The same for texts in Markdown. */
  readonly image_markdown: string;
  readonly created_at: string;
  /** What the pixel has of its own; null: that of the installation. */
  readonly mode: Mode | null;
  readonly effective_mode: Mode;
  readonly sent_at: string | null;
  readonly recipient: string | null;
  readonly label: string | null;
  readonly campaign: string | null;
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly counts: Counts;
  /** Of the last hit, whoever made it; null: none yet. */
  readonly last_hit_at: string | null;
}

/** What is kept of hits: what `IP_POLICY` leaves, counts only, or nothing. */
export type Mode = 'individual' | 'aggregate' | 'off';

/** A token with its text. */
export interface NewToken {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly ('read' | 'mint' | 'admin')[];
  /** Null for the installation’s own. */
  readonly created_at: string | null;
  /** To about a minute; null when it was never used. */
  readonly last_used_at: string | null;
  /** Its text, shown once. */
  readonly token: string;
}

/** Hits that have a value in common. */
export interface OpenGroup {
  /** Null: hits that have none. */
  readonly value: string | null;
  /** Of a pixel, when split by pixel. */
  readonly label?: string | null;
  readonly totals: Counts;
  readonly series: readonly OpenPoint[];
}

/** A bucket of a series. */
export interface OpenPoint {
  /** Where the bucket begins: the first one where the range does. */
  readonly start: string;
  readonly hits: number;
  readonly opens: number;
  readonly unique_opens: number;
  readonly repeats: number;
  readonly unverified: number;
  readonly machine: number;
  readonly ignored: number;
}

/** The counts of a range, over time and by group. */
export interface OpenStatistics {
  readonly from: string;
  /** Exclusive. */
  readonly to: string;
  readonly time_zone: string;
  readonly interval: 'hour' | 'day' | 'week' | 'month' | null;
  readonly split:
    | 'campaign'
    | 'pixel'
    | 'class'
    | 'client'
    | 'os'
    | 'device'
    | 'country'
    | 'referrer'
    | 'page'
    | null;
  readonly totals: Counts;
  /** Empty without an interval. */
  readonly series: readonly OpenPoint[];
  /** Largest first, by their hits. */
  readonly groups: readonly OpenGroup[];
  /** How many more groups there are. */
  readonly groups_left_out: number;
}

/** A tracking image, and what is said of it. */
export interface Pixel {
  readonly code: string;
  /** The image. With `.gif` in place of `.png` it is a GIF. */
  readonly image_url: string;
  /** To be put into a mail or a page as it is. */
  readonly image_html: string;
  /** The same for texts in Markdown. */
  readonly image_markdown: string;
  readonly created_at: string;
  /** What the pixel has of its own; null: that of the installation. */
  readonly mode: Mode | null;
  readonly effective_mode: Mode;
  readonly sent_at: string | null;
  readonly recipient: string | null;
  readonly label: string | null;
  readonly campaign: string | null;
  readonly metadata: Readonly<Record<string, unknown>> | null;
}

/** What may be said of a pixel. */
export interface PixelProperties {
  /** What is to be kept of its hits; null: what the installation says. */
  readonly mode?: 'individual' | 'aggregate' | 'off' | null;
  /** When its mail was or will be sent: a scanner’s haste shows by it. */
  readonly sent_at?: string | null;
  /** Whom it is for, once and for good. Not kept where people are not told apart. */
  readonly recipient?: string | null;
  readonly label?: string | null;
  readonly campaign?: string | null;
  readonly metadata?: Readonly<Record<string, unknown>> | null;
}

/** What went wrong (RFC 9457). Further keys may stand beside. */
export interface Problem {
  /** The status says what kind of problem it is. */
  readonly type: 'about:blank';
  /** The status in words. */
  readonly title: string;
  /** The status of the answer. */
  readonly status: number;
  /** What went wrong this time. */
  readonly detail?: string;
  /** Names this occurrence: the server’s log has the same id, as has `x-request-id`. */
  readonly instance?: string;
  /** With 400: everything that is wrong with the request. */
  readonly errors?: readonly {
    /** The parameter, header or field, with dots into a body. */
    readonly parameter: string;
    /** What is wrong with it; reads on from its name. */
    readonly detail: string;
  }[];
  readonly [extra: string]: unknown;
}

/** Why it is believed to be that. */
export type Reason =
  | 'mail-client-token'
  | 'webkit-without-browser'
  | 'browser-agent'
  | 'app-agent'
  | 'gmail-proxy-token'
  | 'yahoo-proxy-token'
  | 'mail-proxy-token'
  | 'apple-mpp-listed'
  | 'apple-mpp-bare-agent'
  | 'prefetch-header'
  | 'gmail-prefetch-agent'
  | 'scanner-network'
  | 'scanner-token'
  | 'scanner-behaviour'
  | 'link-preview-token'
  | 'crawler-token'
  | 'crawler-words'
  | 'http-library-token'
  | 'no-agent'
  | 'unrecognised-agent'
  | 'not-judged';

/** How far judging anew is. */
export interface Reclassification {
  readonly state: 'idle' | 'running' | 'done';
  readonly judged: number;
  readonly changed: number;
  readonly total: number | null;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  /** Why it waits and tries again; null when it does not. */
  readonly failure: string | null;
}

/** Who you are here. */
export interface Session {
  /** That of the token. */
  readonly name: string;
  readonly scopes: readonly ('read' | 'mint' | 'admin')[];
  /** How you are known: by a token, as a browser that signed in, or not at all (API_AUTH=none). */
  readonly kind: 'token' | 'session' | 'open';
  /** Null for what does not end by itself. */
  readonly expires_at: string | null;
}

export interface Settings {
  /** What the addresses of images begin with. */
  readonly base_url: string;
  /** Of this server. */
  readonly version: string;
  readonly store: 'duckdb' | 'questdb';
  /** A look so soon after the same viewer’s before is a repeat. */
  readonly repeat_seconds: number;
  /** Of pixels that have no mode of their own, and of visits. */
  readonly pixel_mode: Mode;
  readonly privacy: 'standard' | 'strict';
}

/** A token, without its text. */
export interface Token {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly ('read' | 'mint' | 'admin')[];
  /** Null for the installation’s own. */
  readonly created_at: string | null;
  /** To about a minute; null when it was never used. */
  readonly last_used_at: string | null;
}

/** Each hit is in exactly one of these but `hits` and the unique ones (docs/counting.md). */
export interface VisitCounts {
  readonly hits: number;
  readonly visits: number;
  readonly unique_visits: number;
  readonly repeats: number;
  readonly unverified: number;
  readonly machine: number;
  readonly ignored: number;
}

/** Hits that have a value in common. */
export interface VisitGroup {
  /** Null: hits that have none. */
  readonly value: string | null;
  /** Of a pixel, when split by pixel. */
  readonly label?: string | null;
  readonly totals: VisitCounts;
  readonly series: readonly VisitPoint[];
}

/** A bucket of a series. */
export interface VisitPoint {
  /** Where the bucket begins: the first one where the range does. */
  readonly start: string;
  readonly hits: number;
  readonly visits: number;
  readonly unique_visits: number;
  readonly repeats: number;
  readonly unverified: number;
  readonly machine: number;
  readonly ignored: number;
}

/** The counts of a range, over time and by group. */
export interface VisitStatistics {
  readonly from: string;
  /** Exclusive. */
  readonly to: string;
  readonly time_zone: string;
  readonly interval: 'hour' | 'day' | 'week' | 'month' | null;
  readonly split:
    | 'campaign'
    | 'pixel'
    | 'class'
    | 'client'
    | 'os'
    | 'device'
    | 'country'
    | 'referrer'
    | 'page'
    | null;
  readonly totals: VisitCounts;
  /** Empty without an interval. */
  readonly series: readonly VisitPoint[];
  /** Largest first, by their hits. */
  readonly groups: readonly VisitGroup[];
  /** How many more groups there are. */
  readonly groups_left_out: number;
}

/** What each operation takes and gives, by its operationId. */
export interface Operations {
  /** Ask whether the process is alive: GET /health */
  readonly readHealth: { readonly answer: { readonly status: 'ok' } };
  /** Read the metrics of all processes: GET /metrics */
  readonly readMetrics: { readonly answer: unknown };
  /** Ask whether the processes can do their work: GET /ready */
  readonly readReadiness: {
    readonly answer: {
      readonly status: 'ready';
      /** By name; only where the API has a port of its own. */
      readonly processes?: Readonly<
        Record<string, { readonly ready: boolean; readonly reason: string | null }>
      >;
      /** The state of the collector’s journal. */
      readonly journal?: string;
      /** Whether the store process can do its work. */
      readonly store?: string;
      /** How the relay to other machines is, where there is one. */
      readonly relay?: string;
    };
  };
  /** Mint a pixel: GET /v1/api/gen-image */
  readonly genImage: {
    readonly answer: { readonly image_url: string; readonly unique_code: string };
  };
  /** Read a pixel with its opens as a time series: GET /v1/api/info/{code} */
  readonly readInfo: {
    readonly path: {
      /** The code of the pixel. */
      readonly code: string;
    };
    readonly query?: {
      /** How many at most. */
      readonly limit?: number;
      /** Where to go on: the `cursor` of the page before. */
      readonly cursor?: string;
    };
    readonly answer: Info;
  };
  /** Ask whether the API is there, as TrackPixel is asked: GET /v1/api/status */
  readonly readStatus: { readonly answer: { readonly data: string; readonly status: 'success' } };
  /** List campaigns, those with the newest pixels first: GET /v1/campaigns */
  readonly listCampaigns: {
    readonly query?: {
      /** Part of the name, upper and lower case alike. */
      readonly search?: string;
      /** Inclusive: a time with its offset, or a date or time by the clocks of time_zone. */
      readonly from?: string;
      /** Exclusive. */
      readonly to?: string;
      /** A name of the IANA database, such as Europe/Berlin; UTC when left out. */
      readonly time_zone?: string;
      /** How many at most. */
      readonly limit?: number;
      /** Where to go on: the `cursor` of the page before. */
      readonly cursor?: string;
    };
    readonly answer: {
      readonly campaigns: readonly Campaign[];
      /** For the next page; null: this is the last. */
      readonly cursor: string | null;
    };
  };
  /** Read how this server is set: GET /v1/config */
  readonly readSettings: { readonly answer: Settings };
  /** Forget a pixel, all pixels of a recipient, or the hits of an address: POST /v1/erasures */
  readonly askErasure: {
    readonly body: {
      /** A code. */
      readonly pixel?: string;
      /** Exactly as it was said of the pixels: all of them go. */
      readonly recipient?: string;
      /** IPv4 or IPv6: every hit from it goes. */
      readonly address?: string;
    };
    readonly answer: Erasure;
  };
  /** Read how far an erasure is, and what it removed where: GET /v1/erasures/{id} */
  readonly readErasure: {
    readonly path: {
      /** The `id` of the erasure. */
      readonly id: string;
    };
    readonly answer: Erasure;
  };
  /** Export hits as a file: GET /v1/export/hits */
  readonly exportHits: {
    readonly query: {
      /** CSV by RFC 4180, JSON one object a line, or Parquet. */
      readonly format: 'csv' | 'ndjson' | 'parquet';
      /** Only hits of this kind. */
      readonly kind?: 'open' | 'visit';
      /** Inclusive: a time with its offset, or a date or time by the clocks of time_zone. */
      readonly from?: string;
      /** Exclusive. */
      readonly to?: string;
      /** A name of the IANA database, such as Europe/Berlin; UTC when left out. */
      readonly time_zone?: string;
      /** The campaign of the pixel. Given several times: any of them; empty: hits that have none. */
      readonly campaign?: readonly string[];
      /** The code of the pixel. Given several times: any of them; empty: hits that have none. */
      readonly pixel?: readonly string[];
      /** The class of the verdict. Given several times: any of them; empty: hits that have none. */
      readonly class?: readonly (
        | ''
        | 'human-mail'
        | 'human-browser'
        | 'gmail-proxy'
        | 'yahoo-proxy'
        | 'other-proxy'
        | 'apple-mpp'
        | 'prefetch'
        | 'security-scanner'
        | 'link-preview'
        | 'crawler'
        | 'http-library'
        | 'unknown'
      )[];
      /** The name of the client, such as Thunderbird. Given several times: any of them; empty: hits that have none. */
      readonly client?: readonly string[];
      /** The operating system. Given several times: any of them; empty: hits that have none. */
      readonly os?: readonly string[];
      /** The kind of device. Given several times: any of them; empty: hits that have none. */
      readonly device?: readonly (
        | ''
        | 'desktop'
        | 'mobile'
        | 'tablet'
        | 'tv'
        | 'console'
        | 'watch'
      )[];
      /** ISO 3166-1 alpha-2, in capitals. Given several times: any of them; empty: hits that have none. */
      readonly country?: readonly string[];
      /** The site of the Referer, in lower case. Given several times: any of them; empty: hits that have none. */
      readonly referrer?: readonly string[];
      /** The Referer up to its first ? or #. Given several times: any of them; empty: hits that have none. */
      readonly page?: readonly string[];
    };
    readonly answer: unknown;
  };
  /** Export pixels as a file: GET /v1/export/pixels */
  readonly exportPixels: {
    readonly query: {
      /** CSV by RFC 4180, JSON one object a line, or Parquet. */
      readonly format: 'csv' | 'ndjson' | 'parquet';
      /** Part of the code, label, campaign or recipient, upper and lower case alike; no character is special. */
      readonly search?: string;
      /** Exactly this one; empty: pixels without one. */
      readonly campaign?: string;
      /** Exactly this one; empty: pixels without one. */
      readonly recipient?: string;
      /** The `effective_mode`. */
      readonly mode?: 'individual' | 'aggregate' | 'off';
      /** Whether anybody looked at it, machines left out: `unique_opens` is 0 or more. */
      readonly opened?: 'yes' | 'no';
      /** Minted then or later: a time with its offset, or a date (in UTC). */
      readonly created_from?: string;
      /** Minted before then. */
      readonly created_to?: string;
    };
    readonly answer: unknown;
  };
  /** Read hits of all pixels, and visits, newest first: GET /v1/hits */
  readonly listHits: {
    readonly query?: {
      /** Only hits of this kind. */
      readonly kind?: 'open' | 'visit';
      /** Inclusive: a time with its offset, or a date or time by the clocks of time_zone. */
      readonly from?: string;
      /** Exclusive. */
      readonly to?: string;
      /** A name of the IANA database, such as Europe/Berlin; UTC when left out. */
      readonly time_zone?: string;
      /** The campaign of the pixel. Given several times: any of them; empty: hits that have none. */
      readonly campaign?: readonly string[];
      /** The code of the pixel. Given several times: any of them; empty: hits that have none. */
      readonly pixel?: readonly string[];
      /** The class of the verdict. Given several times: any of them; empty: hits that have none. */
      readonly class?: readonly (
        | ''
        | 'human-mail'
        | 'human-browser'
        | 'gmail-proxy'
        | 'yahoo-proxy'
        | 'other-proxy'
        | 'apple-mpp'
        | 'prefetch'
        | 'security-scanner'
        | 'link-preview'
        | 'crawler'
        | 'http-library'
        | 'unknown'
      )[];
      /** The name of the client, such as Thunderbird. Given several times: any of them; empty: hits that have none. */
      readonly client?: readonly string[];
      /** The operating system. Given several times: any of them; empty: hits that have none. */
      readonly os?: readonly string[];
      /** The kind of device. Given several times: any of them; empty: hits that have none. */
      readonly device?: readonly (
        | ''
        | 'desktop'
        | 'mobile'
        | 'tablet'
        | 'tv'
        | 'console'
        | 'watch'
      )[];
      /** ISO 3166-1 alpha-2, in capitals. Given several times: any of them; empty: hits that have none. */
      readonly country?: readonly string[];
      /** The site of the Referer, in lower case. Given several times: any of them; empty: hits that have none. */
      readonly referrer?: readonly string[];
      /** The Referer up to its first ? or #. Given several times: any of them; empty: hits that have none. */
      readonly page?: readonly string[];
      /** How many at most. */
      readonly limit?: number;
      /** Where to go on: the `cursor` of the page before. */
      readonly cursor?: string;
    };
    readonly answer: {
      readonly hits: readonly ListedHit[];
      /** For the page of older hits; null: there are none. */
      readonly cursor: string | null;
    };
  };
  /** Watch hits as they come: GET /v1/live */
  readonly watchHits: {
    readonly query?: {
      /** Only hits of this kind. */
      readonly kind?: 'open' | 'visit';
      /** The code of the pixel. Given several times: any of them; empty: hits that have none. */
      readonly pixel?: readonly string[];
      /** The campaign of the pixel. Given several times: any of them; empty: hits that have none. */
      readonly campaign?: readonly string[];
    };
    readonly answer: unknown;
  };
  /** Read this document: GET /v1/openapi.json */
  readonly readDocument: {
    readonly answer: { readonly openapi: string; readonly [extra: string]: unknown };
  };
  /** Make a link by which a browser of yours is ignored: POST /v1/own-browser-links */
  readonly makeOwnBrowserLink: {
    readonly answer: { readonly url: string; readonly expires_at: string };
  };
  /** Mint a pixel: POST /v1/pixels */
  readonly mintPixel: { readonly body?: PixelProperties | null; readonly answer: Pixel };
  /** Find pixels, newest first, with how often each was looked at: GET /v1/pixels */
  readonly listPixels: {
    readonly query?: {
      /** Part of the code, label, campaign or recipient, upper and lower case alike; no character is special. */
      readonly search?: string;
      /** Exactly this one; empty: pixels without one. */
      readonly campaign?: string;
      /** Exactly this one; empty: pixels without one. */
      readonly recipient?: string;
      /** The `effective_mode`. */
      readonly mode?: 'individual' | 'aggregate' | 'off';
      /** Whether anybody looked at it, machines left out: `unique_opens` is 0 or more. */
      readonly opened?: 'yes' | 'no';
      /** Minted then or later: a time with its offset, or a date (in UTC). */
      readonly created_from?: string;
      /** Minted before then. */
      readonly created_to?: string;
      /** `created_at` when left out. Texts go by their bytes; pixels without a value come last. */
      readonly sort?: 'created_at' | 'sent_at' | 'label' | 'recipient' | 'campaign';
      /** When left out: `desc` (newest first) for times, `asc` for texts. */
      readonly order?: 'asc' | 'desc';
      /** How many at most. */
      readonly limit?: number;
      /** Where to go on: the `cursor` of the page before. */
      readonly cursor?: string;
    };
    readonly answer: {
      readonly pixels: readonly ListedPixel[];
      /** For the next page; null: this is the last. */
      readonly cursor: string | null;
      /** How many match. */
      readonly total: number;
    };
  };
  /** Mint up to 10000 pixels: POST /v1/pixels/batch */
  readonly mintPixels: {
    readonly body: { readonly pixels: readonly PixelProperties[] };
    readonly answer: { readonly pixels: readonly Pixel[] };
  };
  /** Read a pixel: GET /v1/pixels/{code} */
  readonly readPixel: {
    readonly path: {
      /** The code of the pixel. */
      readonly code: string;
    };
    readonly answer: ListedPixel;
  };
  /** Change what is said of a pixel: PATCH /v1/pixels/{code} */
  readonly changePixel: {
    readonly path: {
      /** The code of the pixel. */
      readonly code: string;
    };
    readonly body: PixelProperties;
    readonly answer: Pixel;
  };
  /** Erase a pixel and its hits, for good: DELETE /v1/pixels/{code} */
  readonly erasePixel: {
    readonly path: {
      /** The code of the pixel. */
      readonly code: string;
    };
    readonly answer: Erasure;
  };
  /** Read the hits of a pixel, newest first: GET /v1/pixels/{code}/hits */
  readonly listPixelHits: {
    readonly path: {
      /** The code of the pixel. */
      readonly code: string;
    };
    readonly query?: {
      /** How many at most. */
      readonly limit?: number;
      /** Where to go on: the `cursor` of the page before. */
      readonly cursor?: string;
    };
    readonly answer: {
      readonly hits: readonly Hit[];
      /** For the page of older hits; null: there are none. */
      readonly cursor: string | null;
    };
  };
  /** Say that a look was your own, or that it was not: POST /v1/pixels/{code}/hits/{id}/verdict */
  readonly claimHit: {
    readonly path: {
      /** The code of the pixel. */
      readonly code: string;
      /** The `id` of the hit. */
      readonly id: string;
    };
    readonly body: {
      /** True: that was me. False: it was not, whatever the signs say. */
      readonly own: boolean;
    };
    readonly answer: Hit;
  };
  /** Hand out all that is held about one recipient: POST /v1/recipients/export */
  readonly exportRecipient: {
    readonly body: { readonly recipient: string };
    readonly answer: unknown;
  };
  /** Judge all hits anew: POST /v1/reclassifications */
  readonly reclassify: { readonly answer: Reclassification };
  /** Read how far judging anew is: GET /v1/reclassifications */
  readonly readReclassification: { readonly answer: Reclassification };
  /** Read who you are: GET /v1/session */
  readonly readSession: { readonly answer: Session };
  /** Sign a browser in: POST /v1/session */
  readonly signIn: { readonly body: { readonly token: string }; readonly answer: Session };
  /** Sign a browser out: DELETE /v1/session */
  readonly signOut: { readonly answer: undefined };
  /** Count the opens of many pixels: GET /v1/statistics/opens */
  readonly countOpens: {
    readonly query?: {
      /** Inclusive: a time with its offset, or a date or time by the clocks of time_zone. */
      readonly from?: string;
      /** Exclusive; now when left out. */
      readonly to?: string;
      /** A name of the IANA database, such as Europe/Berlin; UTC when left out. */
      readonly time_zone?: string;
      /** Also how it went over time, in steps of this length. */
      readonly interval?: 'hour' | 'day' | 'week' | 'month';
      /** Also how many there were of each value of this. */
      readonly split?:
        | 'campaign'
        | 'pixel'
        | 'class'
        | 'client'
        | 'os'
        | 'device'
        | 'country'
        | 'referrer'
        | 'page';
      /** So many of the largest groups are told. */
      readonly limit?: number;
      /** The campaign of the pixel. Given several times: any of them; empty: hits that have none. */
      readonly campaign?: readonly string[];
      /** The code of the pixel. Given several times: any of them; empty: hits that have none. */
      readonly pixel?: readonly string[];
      /** The class of the verdict. Given several times: any of them; empty: hits that have none. */
      readonly class?: readonly (
        | ''
        | 'human-mail'
        | 'human-browser'
        | 'gmail-proxy'
        | 'yahoo-proxy'
        | 'other-proxy'
        | 'apple-mpp'
        | 'prefetch'
        | 'security-scanner'
        | 'link-preview'
        | 'crawler'
        | 'http-library'
        | 'unknown'
      )[];
      /** The name of the client, such as Thunderbird. Given several times: any of them; empty: hits that have none. */
      readonly client?: readonly string[];
      /** The operating system. Given several times: any of them; empty: hits that have none. */
      readonly os?: readonly string[];
      /** The kind of device. Given several times: any of them; empty: hits that have none. */
      readonly device?: readonly (
        | ''
        | 'desktop'
        | 'mobile'
        | 'tablet'
        | 'tv'
        | 'console'
        | 'watch'
      )[];
      /** ISO 3166-1 alpha-2, in capitals. Given several times: any of them; empty: hits that have none. */
      readonly country?: readonly string[];
      /** The site of the Referer, in lower case. Given several times: any of them; empty: hits that have none. */
      readonly referrer?: readonly string[];
      /** The Referer up to its first ? or #. Given several times: any of them; empty: hits that have none. */
      readonly page?: readonly string[];
    };
    readonly answer: OpenStatistics;
  };
  /** Count the visits of pages that show `/track`: GET /v1/statistics/visits */
  readonly countVisits: {
    readonly query?: {
      /** Inclusive: a time with its offset, or a date or time by the clocks of time_zone. */
      readonly from?: string;
      /** Exclusive; now when left out. */
      readonly to?: string;
      /** A name of the IANA database, such as Europe/Berlin; UTC when left out. */
      readonly time_zone?: string;
      /** Also how it went over time, in steps of this length. */
      readonly interval?: 'hour' | 'day' | 'week' | 'month';
      /** Also how many there were of each value of this. */
      readonly split?: 'class' | 'client' | 'os' | 'device' | 'country' | 'referrer' | 'page';
      /** So many of the largest groups are told. */
      readonly limit?: number;
      /** The class of the verdict. Given several times: any of them; empty: hits that have none. */
      readonly class?: readonly (
        | ''
        | 'human-mail'
        | 'human-browser'
        | 'gmail-proxy'
        | 'yahoo-proxy'
        | 'other-proxy'
        | 'apple-mpp'
        | 'prefetch'
        | 'security-scanner'
        | 'link-preview'
        | 'crawler'
        | 'http-library'
        | 'unknown'
      )[];
      /** The name of the client, such as Thunderbird. Given several times: any of them; empty: hits that have none. */
      readonly client?: readonly string[];
      /** The operating system. Given several times: any of them; empty: hits that have none. */
      readonly os?: readonly string[];
      /** The kind of device. Given several times: any of them; empty: hits that have none. */
      readonly device?: readonly (
        | ''
        | 'desktop'
        | 'mobile'
        | 'tablet'
        | 'tv'
        | 'console'
        | 'watch'
      )[];
      /** ISO 3166-1 alpha-2, in capitals. Given several times: any of them; empty: hits that have none. */
      readonly country?: readonly string[];
      /** The site of the Referer, in lower case. Given several times: any of them; empty: hits that have none. */
      readonly referrer?: readonly string[];
      /** The Referer up to its first ? or #. Given several times: any of them; empty: hits that have none. */
      readonly page?: readonly string[];
    };
    readonly answer: VisitStatistics;
  };
  /** List all tokens: GET /v1/tokens */
  readonly listTokens: { readonly answer: { readonly tokens: readonly Token[] } };
  /** Make a token: POST /v1/tokens */
  readonly createToken: {
    readonly body: {
      /** Your own word for it, unlike that of any other token. */
      readonly name: string;
      /** What it may do; `admin` implies the others. */
      readonly scopes: readonly ('read' | 'mint' | 'admin')[];
    };
    readonly answer: NewToken;
  };
  /** Revoke a token: DELETE /v1/tokens/{id} */
  readonly revokeToken: {
    readonly path: {
      /** The `id` of the token. */
      readonly id: string;
    };
    readonly answer: undefined;
  };
}
