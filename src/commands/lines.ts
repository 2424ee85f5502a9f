// Standard input line by line, in chunks as they come: `for await` over every single line would cost more
// than the verdict on it.

import { decodeText } from '../hit/encoding.ts';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/**
 * Gives the lines of each chunk, without their ends (LF or CRLF), decoded as a hit's headers are. A line
 * longer than `bytesMax` is null, and is never held in memory as a whole.
 */
export async function* readLines(
  input: AsyncIterable<Buffer>,
  bytesMax: number,
): AsyncGenerator<(string | null)[]> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  const take = (bytes: Buffer): string | null => {
    const isLong = pendingBytes + bytes.length > bytesMax + 1;
    const line = pending.length === 0 || isLong ? bytes : Buffer.concat([...pending, bytes]);
    pending = [];
    pendingBytes = 0;
    return isLong ? null : decodeLine(line);
  };
  for await (const chunk of input) {
    const lines: (string | null)[] = [];
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      lines.push(take(chunk.subarray(start, end)));
      start = end + 1;
    }
    if (start < chunk.length) {
      pendingBytes += chunk.length - start;
      if (pendingBytes > bytesMax + 1) pending = [];
      else pending.push(Buffer.from(chunk.subarray(start)));
    }
    if (lines.length > 0) yield lines;
  }
  if (pendingBytes > 0) yield [take(Buffer.alloc(0))];
}

function decodeLine(line: Buffer): string {
  const end = line.at(-1) === CARRIAGE_RETURN ? line.length - 1 : line.length;
  return decodeText(line, 0, end);
}
