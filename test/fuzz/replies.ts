// Replies as they stand in the bytes that a client received. Strict: what is not a whole reply in the form
// that the collector and Node write is left over, and a test then says so.

export interface Reply {
  readonly status: number;
  readonly keepAlive: boolean;
  /** A character is a byte. */
  readonly body: string;
}

export interface Received {
  readonly replies: readonly Reply[];
  /** What is left behind them: part of a reply, or none at all. */
  readonly rest: string;
}

/** `bodyless` says of each reply whether its request was one to which only a head is sent. */
export function readReplies(received: Buffer, bodyless: (i: number) => boolean): Received {
  const replies: Reply[] = [];
  let text = received.toString('latin1');
  for (let final = 0; ;) {
    const headEnd = text.indexOf('\r\n\r\n');
    const status = /^HTTP\/1\.1 ([1-5]\d\d) [^\r\n]*\r\n/.exec(text);
    if (headEnd < 0 || status === null) return { replies, rest: text };
    const head = text.slice(0, headEnd + 2);
    const isInterim = status[1]?.startsWith('1') === true;
    const read = isInterim || bodyless(final) ? EMPTY : readBody(head, text.slice(headEnd + 4));
    if (read === null) return { replies, rest: text };
    replies.push({
      status: Number(status[1]),
      keepAlive: !/^connection: close\r$/im.test(head),
      body: read.body,
    });
    if (!isInterim) final++;
    text = text.slice(headEnd + 4 + read.length);
  }
}

interface Body {
  readonly body: string;
  /** Bytes on the wire. */
  readonly length: number;
}

const EMPTY: Body = { body: '', length: 0 };

/** Null while it is not whole. */
function readBody(head: string, text: string): Body | null {
  if (/^transfer-encoding: chunked\r$/im.test(head)) return readChunks(text);
  const length = Number(/^content-length: (\d+)\r$/im.exec(head)?.[1] ?? 0);
  return text.length < length ? null : { body: text.slice(0, length), length };
}

function readChunks(text: string): Body | null {
  let body = '';
  for (let at = 0; ;) {
    const size = /^([\da-f]+)\r\n/i.exec(text.slice(at, at + 16));
    if (size === null) return null;
    const from = at + size[0].length;
    const end = from + Number.parseInt(size[1] ?? '', 16);
    if (text.slice(end, end + 2) !== '\r\n') return null;
    body += text.slice(from, end);
    at = end + 2;
    if (end === from) return { body, length: at };
  }
}
