// Makes an input that shows a disagreement as small as it gets, so that whoever reads the report sees at once
// what it is about: first pieces are left out, large ones first, then bytes are made plain.

const TRIES_MAX = 5_000;
const PLAIN = 0x61;

export async function shrink(
  bytes: Buffer,
  stillFails: (candidate: Buffer) => Promise<boolean>,
): Promise<Buffer> {
  let best = bytes;
  let tries = 0;
  const attempt = async (candidate: Buffer): Promise<boolean> => {
    if (tries++ >= TRIES_MAX || !(await stillFails(candidate))) return false;
    best = candidate;
    return true;
  };
  for (let before = -1; before !== best.length;) {
    before = best.length;
    for (let piece = before >> 1; piece > 0; piece = piece > 8 ? piece >> 1 : piece - 1) {
      for (let at = 0; at < best.length;) {
        const rest = [best.subarray(0, at), best.subarray(at + piece)];
        if (!(await attempt(Buffer.concat(rest)))) at += piece > 8 ? piece : 1;
      }
    }
    for (let at = 0; at < best.length; at++) {
      const plainer = Buffer.from(best);
      plainer[at] = PLAIN;
      if (best[at] !== PLAIN) await attempt(plainer);
    }
  }
  return best;
}

/** Bytes as a string literal that can be read, and pasted into the corpus. */
export function literal(bytes: Buffer): string {
  const escaped = JSON.stringify(bytes.toString('latin1'));
  return escaped.replaceAll(/[\x7f-\xff]/g, (byte) => {
    return `\\u00${byte.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}
