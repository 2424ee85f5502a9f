// The client of a Truepixel server: mint pixels, read who opened them, follow hits as they arrive.
// docs/client.md shows how; every shape is the API's own (api.d.ts, from docs/openapi.json).

import { TruepixelError } from './error.js';
import { readEvents } from './events.js';
import { requestJson, requestStream, sleep } from './request.js';

/** @typedef {import('./api.js').Operations} Operations */
/** @typedef {import('./api.js').ListedHit & LiveNames} LiveHit */
/** @typedef {{ readonly label: string | null, readonly campaign: string | null }} LiveNames Of its pixel. */
/** @typedef {import('./api.js').Pixel} Pixel */
/** @typedef {import('./api.js').PixelProperties} PixelProperties */
/** @typedef {import('./request.js').RequestOptions} RequestOptions */

/**
 * @typedef {object} TruepixelOptions
 * @property {string} url Where the server is, such as `https://pixel.example`; a path in it is kept.
 * @property {string | undefined} [token] Not needed where the server asks for none (`API_AUTH=none`).
 * @property {number} [timeoutMs] How long one try may take: 30 s unless said otherwise.
 * @property {number} [retries] How often a request is tried again that may succeed then: 4 times.
 * @property {typeof globalThis.fetch} [fetch] In place of the global one.
 */

/**
 * @typedef {object} CallOptions
 * @property {AbortSignal | undefined} [signal] Ends the call, and a stream that it gave, with its reason.
 */

/** @typedef {CallOptions & { idempotencyKey?: string }} MintOptions */
/** @typedef {{ opens: Operations['countOpens'], visits: Operations['countVisits'] }} Statistics */
/** @typedef {{ hits: Operations['exportHits'], pixels: Operations['exportPixels'] }} Exports */

/**
 * A query as the API takes it, but that a list of one entry may be just that entry. In a list, null is hits
 * that have none (of an unknown country, say). @template T @typedef {{ [K in keyof T]: T[K] extends readonly
 * (infer V)[] | undefined   ? V | null | readonly (V | null)[] | undefined   : T[K] | undefined }} Query
 */

/**
 * The same without what leads to the next page: the client follows that itself.
 * @template T
 * @typedef {Query<Omit<NonNullable<T>, 'cursor'>>} ListQuery
 */

/**
 * A hit; how many came too fast to be told each; how many at most were missed (null: nobody knows).
 * @typedef {{ readonly type: 'hit', readonly id: string, readonly hit: LiveHit }
 *   | { readonly type: 'skipped', readonly count: number }
 *   | { readonly type: 'gap', readonly missed: number | null }} LiveEvent
 */

const TIMEOUT_MS = 30_000;
const RETRIES = 4;
/** How many pixels the API mints at once. */
const BATCH_PIXELS_MAX = 10_000;
/** The server sends a sign of life more often than this. */
const SILENCE_MS_MAX = 60_000;
const RECONNECT_MS = 1_000;
const RECONNECT_MS_MAX = 30_000;

export { TruepixelError };

export class Truepixel {
  /** @type {import('./request.js').Settings} */
  #settings;

  /** @param {TruepixelOptions} options */
  constructor({ url, token, timeoutMs = TIMEOUT_MS, retries = RETRIES, fetch = globalThis.fetch }) {
    if (!/^https?:\/\/[^/]/i.test(url)) throw new TypeError(`url must be http(s)://…, not ${url}`);
    if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
      throw new TypeError('token must be visible ASCII characters without spaces');
    }
    this.#settings = {
      url: url.replace(/\/+$/, ''),
      token: token ?? null,
      timeoutMs,
      retries,
      // Browsers' own fetch must not be called as a method of something else.
      fetch: (...words) => fetch(...words),
    };
  }

  /**
   * Mints a pixel. Safe to be tried again: a key of its own tells the server that it is the same one.
   * @param {PixelProperties} [properties]
   * @param {MintOptions} [options]
   * @returns {Promise<Pixel>}
   */
  async mint(properties = {}, { idempotencyKey = someKey(), signal } = {}) {
    return await this.#call('POST', '/v1/pixels', {
      body: properties,
      headers: { 'idempotency-key': idempotencyKey },
      isRepeatable: true,
      signal,
    });
  }

  /**
   * Mints one pixel for each of `properties`, in their order, as many as there are: 10,000 go into a request.
   * With the same `idempotencyKey` and the same properties, a program that was killed gets the same pixels
   * again. @param {readonly PixelProperties[]} properties @param {MintOptions} [options] @returns
   * {Promise<Pixel[]>}
   */
  async mintMany(properties, { idempotencyKey = someKey(), signal } = {}) {
    /** @type {Pixel[]} */
    const minted = [];
    for (let from = 0; from < properties.length; from += BATCH_PIXELS_MAX) {
      const { pixels } = await this.#call('POST', '/v1/pixels/batch', {
        body: { pixels: properties.slice(from, from + BATCH_PIXELS_MAX) },
        headers: { 'idempotency-key': from === 0 ? idempotencyKey : `${idempotencyKey}.${from}` },
        isRepeatable: true,
        signal,
      });
      minted.push(...pixels);
    }
    return minted;
  }

  /**
   * @param {string} code
   * @param {CallOptions} [options]
   * @returns {Promise<Operations['readPixel']['answer']>}
   */
  async pixel(code, options = {}) {
    return await this.#call('GET', pixelPath(code), options);
  }

  /**
   * Changes what is said of a pixel: what is left out stays, null takes it back.
   * @param {string} code
   * @param {PixelProperties} properties
   * @param {CallOptions} [options]
   * @returns {Promise<Operations['changePixel']['answer']>}
   */
  async change(code, properties, options = {}) {
    return await this.#call('PATCH', pixelPath(code), { ...options, body: properties });
  }

  /**
   * Begins to forget a pixel everywhere; `erasure` tells how far that is.
   * @param {string} code
   * @param {CallOptions} [options]
   * @returns {Promise<Operations['erasePixel']['answer']>}
   */
  async erase(code, options = {}) {
    return await this.#call('DELETE', pixelPath(code), options);
  }

  /**
   * @param {string} id As `erase` gave it.
   * @param {CallOptions} [options]
   * @returns {Promise<Operations['readErasure']['answer']>}
   */
  async erasure(id, options = {}) {
    return await this.#call('GET', `/v1/erasures/${encodeURIComponent(id)}`, options);
  }

  /**
   * A pixel with its opens as TrackPixel told them, oldest first.
   * @param {string} code
   * @param {Operations['readInfo']['query']} [query]
   * @param {CallOptions} [options]
   * @returns {Promise<Operations['readInfo']['answer']>}
   */
  async info(code, query = {}, options = {}) {
    return await this.#call('GET', `/v1/api/info/${encodeURIComponent(code)}`, {
      ...options,
      query,
    });
  }

  /**
   * Every pixel that matches, over as many pages as there are.
   * @param {ListQuery<Operations['listPixels']['query']>} [query] `limit` is how many a page has.
   * @param {CallOptions} [options]
   * @returns {AsyncGenerator<Operations['listPixels']['answer']['pixels'][number], void, undefined>}
   */
  pixels(query = {}, options = {}) {
    return this.#pages('/v1/pixels', 'pixels', query, options);
  }

  /**
   * Every hit that matches, newest first, over as many pages as there are.
   * @param {ListQuery<Operations['listHits']['query']>} [query] `pixel`, `class` … may be lists: any of them.
   * @param {CallOptions} [options]
   * @returns {AsyncGenerator<Operations['listHits']['answer']['hits'][number], void, undefined>}
   */
  hits(query = {}, options = {}) {
    return this.#pages('/v1/hits', 'hits', query, options);
  }

  /**
   * Every campaign with its counts, the one with the newest pixel first.
   * @param {ListQuery<Operations['listCampaigns']['query']>} [query]
   * @param {CallOptions} [options]
   * @returns {AsyncGenerator<Operations['listCampaigns']['answer']['campaigns'][number], void, undefined>}
   */
  campaigns(query = {}, options = {}) {
    return this.#pages('/v1/campaigns', 'campaigns', query, options);
  }

  /**
   * How much was opened (or visited): in all, over time with `interval`, side by side with `split`.
   * @template {'opens' | 'visits'} T
   * @param {T} of
   * @param {Query<NonNullable<Statistics[T]['query']>>} [query]
   * @param {CallOptions} [options]
   * @returns {Promise<Statistics[T]['answer']>}
   */
  async statistics(of, query, options = {}) {
    return await this.#call('GET', `/v1/statistics/${of}`, { ...options, query });
  }

  /**
   * Hits as they arrive, for as long as the caller goes on. It connects again by itself and is told what came
   * meanwhile, nothing lost and nothing twice; what could not be told is a `gap`. @param
   * {Query<NonNullable<Operations['watchHits']['query']>>} [query] @param {CallOptions & { lastEventId?:
   * string }} [options] `lastEventId` goes on behind an event of before. @returns {AsyncGenerator<LiveEvent,
   * void, undefined>}
   */
  async *live(query = {}, { lastEventId, signal } = {}) {
    let id = lastEventId ?? null;
    let wait = RECONNECT_MS;
    for (;;) {
      try {
        const events = await this.#events(query, id, signal);
        wait = RECONNECT_MS;
        for await (const event of events) {
          id = event.id ?? id;
          wait = event.retryMs ?? RECONNECT_MS;
          const told = liveEvent(event);
          if (told !== null) yield told;
        }
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof TruepixelError && !error.isPassing) throw error;
      }
      await sleep(wait, signal);
      wait = Math.min(wait * 2, RECONNECT_MS_MAX);
    }
  }

  /**
   * A file of hits or pixels as it streams, of any size. It breaks with an error when it is cut.
   * @template {'hits' | 'pixels'} T
   * @param {T} what
   * @param {Query<Exports[T]['query']>} query
   * @param {CallOptions} [options]
   * @returns {Promise<ReadableStream<Uint8Array>>}
   */
  async export(what, query, options = {}) {
    const settings = { ...options, method: 'GET', query };
    const response = await requestStream(this.#settings, `/v1/export/${what}`, settings);
    return bodyOf(response);
  }

  /**
   * @param {object} query
   * @param {string | null} id
   * @param {AbortSignal | undefined} signal
   */
  async #events(query, id, signal) {
    const response = await requestStream(this.#settings, '/v1/live', {
      method: 'GET',
      query,
      headers: { accept: 'text/event-stream', ...(id === null ? {} : { 'last-event-id': id }) },
      signal,
    });
    return readEvents(bodyOf(response), SILENCE_MS_MAX);
  }

  /**
   * @param {string} path
   * @param {string} key What the answer calls its list.
   * @param {object} query
   * @param {CallOptions} options
   */
  async *#pages(path, key, query, options) {
    let cursor;
    do {
      const page = await this.#call('GET', path, { ...options, query: { ...query, cursor } });
      yield* page[key];
      cursor = page.cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {Omit<RequestOptions, 'method'>} options
   */
  async #call(method, path, options) {
    return await requestJson(this.#settings, path, { ...options, method });
  }
}

/** @param {string} code */
const pixelPath = (code) => `/v1/pixels/${encodeURIComponent(code)}`;

/**
 * Null for what later servers may tell besides.
 * @param {import('./events.js').ServerEvent} event
 * @returns {LiveEvent | null}
 */
function liveEvent({ type, id, data }) {
  const told = JSON.parse(data);
  if (type === 'hit') return { type, id: id ?? '', hit: told };
  if (type === 'skipped') return { type, count: told.count };
  return type === 'gap' ? { type, missed: told.missed } : null;
}

/** @param {Response} response */
function bodyOf({ body, status }) {
  if (body === null) throw new TruepixelError(`${status}: an answer without a body`, { status });
  return body;
}

/** 128 bits by chance: no two calls have the same. */
function someKey() {
  const bytes = new Uint8Array(16);
  // Node.js 18 has no global crypto; a key must be new, not secret.
  if (globalThis.crypto === undefined) bytes.forEach((_, i) => (bytes[i] = Math.random() * 256));
  else globalThis.crypto.getRandomValues(bytes);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
