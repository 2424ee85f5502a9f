// The visit log's files on a real disk.

import assert from 'node:assert/strict';
import { constants } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { LOG_PIECE_BYTES_MAX } from '../limits.ts';
import { realLogFiles } from './log-files.ts';

test('a long append is whole, whatever its lines are', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'truepixel-log-'));
  t.after(() => rm(dir, { recursive: true }));
  const path = join(dir, 'visits.log');
  const file = await realLogFiles.open(
    path,
    constants.O_RDWR | constants.O_APPEND | constants.O_CREAT,
  );
  const lines = Array.from({ length: 50_000 }, (_, i) => `${i}|${'a'.repeat(i % 100)}\n`).join('');
  const texts = [
    lines,
    'b'.repeat(2 * LOG_PIECE_BYTES_MAX + 1),
    `${'c'.repeat(LOG_PIECE_BYTES_MAX - 1)}\n`,
  ];
  const bytes = Buffer.from(texts.join(''));
  await file.append(bytes);
  await file.sync();
  await file.close();
  assert.ok(bytes.equals(await readFile(path)));
});
