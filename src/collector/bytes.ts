// Comparing places in a buffer without making anything of them, for the two readers of requests.

/** Whether `text` stands at `start`, wholly before `end`. */
export function holds(bytes: Buffer, start: number, end: number, text: Buffer): boolean {
  if (end - start < text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text[i]) return false;
  return true;
}
