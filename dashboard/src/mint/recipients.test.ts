// A pasted list of recipients: what is minted for, and what is said about it before anything is sent.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRecipients, RECIPIENTS_MAX, toCsv } from './recipients.ts';

test('each recipient is minted for once, however lines end and repeat', () => {
  assert.deepEqual(readRecipients('ada@a.example\r\n  bo@b.example \n\n\rada@a.example\n'), {
    recipients: ['ada@a.example', 'bo@b.example'],
    repeated: 1,
    complaint: null,
  });
});

test('the first line that the server would refuse is named', () => {
  const { complaint } = readRecipients(`ok\na\tb\n${'é'.repeat(300)}`);
  assert.match(complaint ?? '', /^Line 2 .*table/);
  assert.match(readRecipients(`ok\n${'é'.repeat(300)}`).complaint ?? '', /^Line 2 .*512 bytes/);
});

test('more recipients than one request may mint for are refused', () => {
  const lines = (count: number): string =>
    Array.from({ length: count }, (_, i) => `r${i}`).join('\n');
  assert.equal(readRecipients(lines(RECIPIENTS_MAX)).complaint, null);
  assert.match(readRecipients(lines(RECIPIENTS_MAX + 1)).complaint ?? '', /10,001.*10,000/);
});

test('quotes, line breaks and commas stay in their field of the file', () => {
  const csv = toCsv([['a "b", c'], ['<img src="x">', null]]);
  assert.equal(csv, '"a ""b"", c"\r\n"<img src=""x"">",""\r\n');
});
