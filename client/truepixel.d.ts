import { TruepixelError } from './error.js';
export type Operations = import('./api.js').Operations;
export type LiveHit = import('./api.js').ListedHit & LiveNames;
export type LiveNames = {
  readonly label: string | null;
  readonly campaign: string | null;
};
export type Pixel = import('./api.js').Pixel;
export type PixelProperties = import('./api.js').PixelProperties;
export type RequestOptions = import('./request.js').RequestOptions;
export type TruepixelOptions = {
  /**
   * Where the server is, such as `https://pixel.example`; a path in it is kept.
   */
  url: string;
  /**
   * Not needed where the server asks for none (`API_AUTH=none`).
   */
  token?: string | undefined;
  /**
   * How long one try may take: 30 s unless said otherwise.
   */
  timeoutMs?: number;
  /**
   * How often a request is tried again that may succeed then: 4 times.
   */
  retries?: number;
  /**
   * In place of the global one.
   */
  fetch?: typeof globalThis.fetch;
};
export type CallOptions = {
  /**
   * Ends the call, and a stream that it gave, with its reason.
   */
  signal?: AbortSignal | undefined;
};
export type MintOptions = CallOptions & {
  idempotencyKey?: string;
};
export type Statistics = {
  opens: Operations['countOpens'];
  visits: Operations['countVisits'];
};
export type Exports = {
  hits: Operations['exportHits'];
  pixels: Operations['exportPixels'];
};
export type Query<T> = {
  [K in keyof T]: T[K] extends readonly (infer V)[] | undefined
    ? V | null | readonly (V | null)[] | undefined
    : T[K] | undefined;
};
export type ListQuery<T> = Query<Omit<NonNullable<T>, 'cursor'>>;
export type LiveEvent =
  | {
      readonly type: 'hit';
      readonly id: string;
      readonly hit: LiveHit;
    }
  | {
      readonly type: 'skipped';
      readonly count: number;
    }
  | {
      readonly type: 'gap';
      readonly missed: number | null;
    };
export { TruepixelError };
export declare class Truepixel {
  #private;
  /** @param {TruepixelOptions} options */
  constructor({ url, token, timeoutMs, retries, fetch }: TruepixelOptions);
  /**
   * Mints a pixel. Safe to be tried again: a key of its own tells the server that it is the same one.
   * @param {PixelProperties} [properties]
   * @param {MintOptions} [options]
   * @returns {Promise<Pixel>}
   */
  mint(properties?: PixelProperties, { idempotencyKey, signal }?: MintOptions): Promise<Pixel>;
  /**
   * Mints one pixel for each of `properties`, in their order, as many as there are: 10,000 go into a request.
   * With the same `idempotencyKey` and the same properties, a program that was killed gets the same pixels
   * again. @param {readonly PixelProperties[]} properties @param {MintOptions} [options] @returns
   * {Promise<Pixel[]>}
   */
  mintMany(
    properties: readonly PixelProperties[],
    { idempotencyKey, signal }?: MintOptions,
  ): Promise<Pixel[]>;
  /**
   * @param {string} code
   * @param {CallOptions} [options]
   * @returns {Promise<Operations['readPixel']['answer']>}
   */
  pixel(code: string, options?: CallOptions): Promise<Operations['readPixel']['answer']>;
  /**
   * Changes what is said of a pixel: what is left out stays, null takes it back.
   * @param {string} code
   * @param {PixelProperties} properties
   * @param {CallOptions} [options]
   * @returns {Promise<Operations['changePixel']['answer']>}
   */
  change(
    code: string,
    properties: PixelProperties,
    options?: CallOptions,
  ): Promise<Operations['changePixel']['answer']>;
  /**
   * Begins to forget a pixel everywhere; `erasure` tells how far that is.
   * @param {string} code
   * @param {CallOptions} [options]
   * @returns {Promise<Operations['erasePixel']['answer']>}
   */
  erase(code: string, options?: CallOptions): Promise<Operations['erasePixel']['answer']>;
  /**
   * @param {string} id As `erase` gave it.
   * @param {CallOptions} [options]
   * @returns {Promise<Operations['readErasure']['answer']>}
   */
  erasure(id: string, options?: CallOptions): Promise<Operations['readErasure']['answer']>;
  /**
   * A pixel with its opens as TrackPixel told them, oldest first.
   * @param {string} code
   * @param {Operations['readInfo']['query']} [query]
   * @param {CallOptions} [options]
   * @returns {Promise<Operations['readInfo']['answer']>}
   */
  info(
    code: string,
    query?: Operations['readInfo']['query'],
    options?: CallOptions,
  ): Promise<Operations['readInfo']['answer']>;
  /**
   * Every pixel that matches, over as many pages as there are.
   * @param {ListQuery<Operations['listPixels']['query']>} [query] `limit` is how many a page has.
   * @param {CallOptions} [options]
   * @returns {AsyncGenerator<Operations['listPixels']['answer']['pixels'][number], void, undefined>}
   */
  pixels(
    query?: ListQuery<Operations['listPixels']['query']>,
    options?: CallOptions,
  ): AsyncGenerator<Operations['listPixels']['answer']['pixels'][number], void, undefined>;
  /**
   * Every hit that matches, newest first, over as many pages as there are.
   * @param {ListQuery<Operations['listHits']['query']>} [query] `pixel`, `class` … may be lists: any of them.
   * @param {CallOptions} [options]
   * @returns {AsyncGenerator<Operations['listHits']['answer']['hits'][number], void, undefined>}
   */
  hits(
    query?: ListQuery<Operations['listHits']['query']>,
    options?: CallOptions,
  ): AsyncGenerator<Operations['listHits']['answer']['hits'][number], void, undefined>;
  /**
   * Every campaign with its counts, the one with the newest pixel first.
   * @param {ListQuery<Operations['listCampaigns']['query']>} [query]
   * @param {CallOptions} [options]
   * @returns {AsyncGenerator<Operations['listCampaigns']['answer']['campaigns'][number], void, undefined>}
   */
  campaigns(
    query?: ListQuery<Operations['listCampaigns']['query']>,
    options?: CallOptions,
  ): AsyncGenerator<Operations['listCampaigns']['answer']['campaigns'][number], void, undefined>;
  /**
   * How much was opened (or visited): in all, over time with `interval`, side by side with `split`.
   * @template {'opens' | 'visits'} T
   * @param {T} of
   * @param {Query<NonNullable<Statistics[T]['query']>>} [query]
   * @param {CallOptions} [options]
   * @returns {Promise<Statistics[T]['answer']>}
   */
  statistics<T extends 'opens' | 'visits'>(
    of: T,
    query?: Query<NonNullable<Statistics[T]['query']>>,
    options?: CallOptions,
  ): Promise<Statistics[T]['answer']>;
  /**
   * Hits as they arrive, for as long as the caller goes on. It connects again by itself and is told what came
   * meanwhile, nothing lost and nothing twice; what could not be told is a `gap`. @param
   * {Query<NonNullable<Operations['watchHits']['query']>>} [query] @param {CallOptions & { lastEventId?:
   * string }} [options] `lastEventId` goes on behind an event of before. @returns {AsyncGenerator<LiveEvent,
   * void, undefined>}
   */
  live(
    query?: Query<NonNullable<Operations['watchHits']['query']>>,
    {
      lastEventId,
      signal,
    }?: CallOptions & {
      lastEventId?: string;
    },
  ): AsyncGenerator<LiveEvent, void, undefined>;
  /**
   * A file of hits or pixels as it streams, of any size. It breaks with an error when it is cut.
   * @template {'hits' | 'pixels'} T
   * @param {T} what
   * @param {Query<Exports[T]['query']>} query
   * @param {CallOptions} [options]
   * @returns {Promise<ReadableStream<Uint8Array>>}
   */
  export<T extends 'hits' | 'pixels'>(
    what: T,
    query: Query<Exports[T]['query']>,
    options?: CallOptions,
  ): Promise<ReadableStream<Uint8Array>>;
}
