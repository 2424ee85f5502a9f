// The form of the request-smuggling corpus. A trick is a connection's bytes with one request hidden in them
// that some server, somewhere, would have taken for one; here it must be nobody's. Ideas come from public
// research, which each names; the bytes are our own.

export interface Trick {
  readonly name: string;
  /** Whose idea it is, or which flaw of which program it was. */
  readonly from: string;
  /** What the client sends; of several parts each when something came in reply to the one before. */
  readonly sent: string | readonly string[];
  /** The statuses of all replies to it. */
  readonly replies: readonly number[];
  /** Whether a request that follows on the connection is answered. */
  readonly goesOn: boolean;
  /** The hits that it makes, by their referrers: none when left out. */
  readonly hits?: readonly string[];
  /** What the store process gets, as method, path and body: nothing when left out. */
  readonly passed?: readonly string[];
}

const HOST = 'Host: pixels.example\r\n';
/** What must never be answered, kept or passed on. */
export const HIDDEN = '/v1/hidden';
export const HIDDEN_REFERRER = 'http://hidden.in.it/';
/** It would show at the store. */
export const API: string = `GET ${HIDDEN} HTTP/1.1\r\n${HOST}\r\n`;
/** It would show in the journal. */
export const HIT: string = `GET /track HTTP/1.1\r\n${HOST}Referer: ${HIDDEN_REFERRER}\r\n\r\n`;

/** A request to the store process. */
export function post(headers: string, body: string): string {
  return `POST /v1/outer HTTP/1.1\r\n${HOST}${headers}\r\n${body}`;
}

/** Of the requests that are to be seen; all of these make hits that are kept (fuzz/collector-rig.ts). */
export const OUTER_REFERRER = 'http://outer/';
export const FOLLOWING_REFERRER = 'http://first/';

/** A request for an image, with or without a body. */
export function image(headers: string, body = ''): string {
  return `GET /track HTTP/1.1\r\n${HOST}Referer: ${OUTER_REFERRER}\r\n${headers}\r\n${body}`;
}

/** The header that says how long `body` is. */
export function lengthOf(body: string): string {
  return `Content-Length: ${body.length}\r\n`;
}

/** The body is a body, whatever it looks like, and the connection goes on behind it. */
export function read(
  name: string,
  from: string,
  sent: string | readonly string[],
  body: string,
): Trick {
  return { name, from, sent, replies: [200], goesOn: true, passed: [`POST /v1/outer ${body}`] };
}

/** The image is answered once, its hit kept, and nothing comes of what is in its body. */
export function hit(name: string, from: string, sent: string | readonly string[]): Trick {
  return { name, from, sent, replies: [200], goesOn: true, hits: [OUTER_REFERRER] };
}

/** Refused with `status`, and the end of the connection; nothing came of it. */
export function refused(name: string, from: string, sent: string, status = 400): Trick {
  return { name, from, sent, replies: [status], goesOn: false };
}
