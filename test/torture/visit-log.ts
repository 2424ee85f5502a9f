// Reads visit logs back as a program of somebody else would: by the documented form of a line and nothing
// else. What is no whole, well-formed line is reported as text.

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { markerOf } from './marker.ts';

const LINE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}\+00:00\|([^|]+)\|([^|]+)\|([^|]+)$/;

/** The marker of one line, null for a line that no request of the torture can have made. */
export function markerOfLine(line: string): number | null {
  const match = LINE.exec(line);
  if (match === null) return null;
  const [, referrer = '', agent = '', address = ''] = match;
  return markerOf({ kind: 'visit', code: null, referrer, agent, address });
}

export async function eachLine(path: string, onLine: (line: string) => void): Promise<void> {
  const lines = createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  for await (const line of lines) onLine(line);
}
