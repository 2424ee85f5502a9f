// The strictest reader of requests that there could be behind the collector: whatever two servers could
// read differently, it does not read at all. What the collector passes on must be such that this reader and
// Node's see the same requests, or there would be a way to smuggle one.

import type { Passed } from './telling-store.ts';

const REQUEST_LINE = /^([A-Z-]+) (\/[!-~]*) HTTP\/1\.1$/;
const HEADER =
  /^([!#$%&'*+.^_`|~\w-]+): ((?:[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?)$/;
/** Of one connection only; of these, the collector says its own Connection and none else. */
const HOP_BY_HOP = ['keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade', 'expect'];

/** Reads one connection's bytes as they come. */
export class StrictOrigin {
  readonly requests: Passed[] = [];
  /** The first thing that could be read in two ways; null while there is none. */
  fault: string | null = null;
  #text = '';

  take(bytes: Buffer): void {
    this.#text += bytes.toString('latin1');
    while (this.fault === null && this.#readOne());
  }

  /** False: not whole yet, or not readable at all. */
  #readOne(): boolean {
    const headEnd = this.#text.indexOf('\r\n\r\n');
    if (headEnd < 0) return false;
    const [line = '', ...lines] = this.#text.slice(0, headEnd).split('\r\n');
    const [, method = '', url = ''] = REQUEST_LINE.exec(line) ?? [];
    if (url === '') return this.#refuse(`the line ${JSON.stringify(line)}`);
    const headers = new Map<string, string>();
    for (const one of lines) {
      const [, name = '', value = ''] = HEADER.exec(one) ?? [];
      const lower = name.toLowerCase();
      if (name === '') return this.#refuse(`the header ${JSON.stringify(one)}`);
      if (GRAVE.has(lower) && headers.has(lower)) return this.#refuse(`a second ${lower}`);
      headers.set(lower, value);
    }
    const forbidden = HOP_BY_HOP.find((name) => headers.has(name));
    if (forbidden !== undefined) return this.#refuse(`the header ${forbidden}`);
    if (!headers.has('host')) return this.#refuse('no host');
    const body = this.#body(headers, this.#text.slice(headEnd + 4));
    if (body === null) return false;
    this.requests.push({ method, url, body: body.text });
    this.#text = this.#text.slice(headEnd + 4 + body.length);
    return true;
  }

  #body(headers: Map<string, string>, text: string): { text: string; length: number } | null {
    const length = headers.get('content-length');
    const coding = headers.get('transfer-encoding');
    if (length !== undefined && coding !== undefined) this.#refuse('a length and a coding');
    else if (coding !== undefined && coding !== 'chunked') this.#refuse(`the coding ${coding}`);
    else if (coding !== undefined) return this.#chunks(text);
    else if (length !== undefined && !/^\d+$/.test(length)) this.#refuse(`the length ${length}`);
    else {
      const bytes = Number(length ?? 0);
      return text.length < bytes ? null : { text: text.slice(0, bytes), length: bytes };
    }
    return null;
  }

  #chunks(text: string): { text: string; length: number } | null {
    let body = '';
    for (let at = 0; ;) {
      const lineEnd = text.indexOf('\r\n', at);
      if (lineEnd < 0) return null;
      const size = text.slice(at, lineEnd);
      if (!/^[\da-f]{1,8}$/i.test(size)) this.#refuse(`the chunk size ${JSON.stringify(size)}`);
      const from = lineEnd + 2;
      const end = from + Number.parseInt(size, 16);
      if (this.fault !== null || text.length < end + 2) return null;
      if (text.slice(end, end + 2) !== '\r\n') this.#refuse('a chunk that goes on, or a trailer');
      if (this.fault !== null) return null;
      body += text.slice(from, end);
      at = end + 2;
      if (end === from) return { text: body, length: at };
    }
  }

  #refuse(what: string): false {
    this.fault = `${what} in ${JSON.stringify(this.#text.slice(0, 2_000))}`;
    return false;
  }
}

const GRAVE: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
]);
