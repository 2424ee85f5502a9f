// Server-sent events as they are read from a stream:
// https://html.spec.whatwg.org/multipage/server-sent-events.html. EventSource cannot send a token, and
// Node.js has none.

/**
 * @typedef {object} ServerEvent
 * @property {string} type
 * @property {string} data
 * @property {string | null} id Of this event or the last one that had an id.
 * @property {number | null} retryMs How long to wait before connecting again, once that was said.
 */

/**
 * The events of `body` up to its end, or until it is silent for so long that it must be dead. Throws then,
 * and when it breaks. @param {ReadableStream<Uint8Array>} body @param {number} silenceMsMax @returns
 * {AsyncGenerator<ServerEvent, void, undefined>}
 */
export async function* readEvents(body, silenceMsMax) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parser = new EventParser();
  try {
    for (;;) {
      const { done, value } = await within(silenceMsMax, reader.read());
      if (done) return;
      yield* parser.take(decoder.decode(value, { stream: true }));
    }
  } finally {
    // Whoever stops reading closes the connection.
    await reader.cancel().catch(() => undefined);
  }
}

class EventParser {
  #rest = '';
  #type = '';
  /** @type {string[]} */
  #data = [];
  /** @type {string | null} */
  #id = null;
  /** @type {number | null} */
  #retryMs = null;

  /**
   * @param {string} text
   * @returns {Generator<ServerEvent, void, undefined>}
   */
  *take(text) {
    // A line ends with CR LF, LF or CR; a CR at the end of a piece may be followed by its LF.
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line !== '') this.#field(line);
      else if (this.#data.length > 0) yield this.#event();
      else this.#type = '';
    }
  }

  /** @param {string} line */
  #field(line) {
    const [, name = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === 'data') this.#data.push(value);
    else if (name === 'event') this.#type = value;
    else if (name === 'id' && !value.includes('\0')) this.#id = value;
    else if (name === 'retry' && /^\d+$/.test(value)) this.#retryMs = Number(value);
  }

  /** @returns {ServerEvent} */
  #event() {
    const type = this.#type === '' ? 'message' : this.#type;
    const data = this.#data.join('\n');
    this.#type = '';
    this.#data = [];
    return { type, data, id: this.#id, retryMs: this.#retryMs };
  }
}

/**
 * @template T
 * @param {number} ms
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
function within(ms, promise) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`nothing came for ${ms} ms`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
