// What somebody pasted as the recipients of a mailing, one a line, as the list that is minted for: what the
// server would refuse is named with its line before anything is sent.

import { formatCount } from '../words.ts';

/** `PROPERTY_BYTES_MAX` and what one request may mint, of the server's src/limits.ts. */
const RECIPIENT_BYTES_MAX = 512;
export const RECIPIENTS_MAX = 10_000;

export interface RecipientList {
  /** In the order pasted, each once. */
  readonly recipients: readonly string[];
  /** Lines that said again what an earlier one did. */
  readonly repeated: number;
  /** What is wrong with the list as a whole or with its first bad line; null: nothing. */
  readonly complaint: string | null;
}

// oxlint-disable-next-line no-control-regex -- which characters those are is just this range
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f]/;

export function readRecipients(text: string): RecipientList {
  const recipients = new Set<string>();
  let repeated = 0;
  let complaint: string | null = null;
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    const recipient = line.trim();
    if (recipient === '') continue;
    if (recipients.has(recipient)) repeated++;
    recipients.add(recipient);
    complaint ??= complaintAbout(recipient, index + 1);
  }
  if (recipients.size > RECIPIENTS_MAX) {
    const [many, most] = [recipients.size, RECIPIENTS_MAX].map(formatCount);
    complaint = `These are ${many} recipients; one request mints at most ${most}.`;
  }
  return { recipients: [...recipients], repeated, complaint };
}

function complaintAbout(recipient: string, line: number): string | null {
  if (CONTROL_CHARACTER.test(recipient)) {
    return `Line ${line} holds a tab or another control character: is it a whole table? Paste one column.`;
  }
  if (new TextEncoder().encode(recipient).length > RECIPIENT_BYTES_MAX) {
    return `Line ${line} is longer than ${RECIPIENT_BYTES_MAX} bytes.`;
  }
  return null;
}

/** RFC 4180, with every field quoted: an image's HTML has quotes of its own. */
export function toCsv(rows: readonly (readonly (string | null)[])[]): string {
  const field = (text: string | null): string => `"${(text ?? '').replaceAll('"', '""')}"`;
  return rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');
}
