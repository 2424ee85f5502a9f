// HMAC-SHA256 (RFC 2104) from Node's one-shot hash: the same bytes as createHmac gives for a fifth of the
// time, which a collector spends on every wrong code and every visitor.

import { hash } from 'node:crypto';

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const INNER = 0x36;
const OUTER = 0x5c;

export class Hmac {
  readonly #inner: Buffer;
  /** The outer key, with room for the inner digest. */
  readonly #outer: Buffer;

  constructor(key: Uint8Array) {
    const short = key.length > BLOCK_BYTES ? hash('sha256', key, 'buffer') : key;
    this.#inner = Buffer.alloc(BLOCK_BYTES, INNER);
    this.#outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES, OUTER);
    for (const [i, byte] of short.entries()) {
      this.#inner[i] = byte ^ INNER;
      this.#outer[i] = byte ^ OUTER;
    }
  }

  /** 32 bytes. */
  digest(text: string): Buffer {
    const message = Buffer.concat([this.#inner, Buffer.from(text)]);
    hash('sha256', message, 'buffer').copy(this.#outer, BLOCK_BYTES);
    return hash('sha256', this.#outer, 'buffer');
  }
}
