// Rows of truepixel_catalogue as lines of ILP (questdb-lines.ts).

import type { PixelProperties } from '../hit/event.ts';
import { column, nanoseconds, quoted, symbol, textKey } from './questdb-lines.ts';
import { rowTime } from './questdb-row.ts';
import { CATALOGUE } from './questdb-tables.ts';

/** What a pixel is now, or a row of it that is in force no more. */
export type CatalogueRow = {
  readonly code: string;
  /** Microseconds; 0: nobody minted it yet. */
  readonly createdAt: number;
} & (
  | { readonly isCurrent: false }
  | {
      readonly isCurrent: true;
      /** How many of each it was made from. */
      readonly notes: number;
      readonly mints: number;
      readonly properties: PixelProperties;
    }
);

export function catalogueLines(rows: readonly CatalogueRow[]): Buffer {
  return Buffer.from(rows.map(line).join(''));
}

function line(row: CatalogueRow): string {
  const { code, createdAt } = row;
  const said = row.isCurrent ? saidIn(row.properties) : '';
  const { notes, mints } = row.isCurrent ? row : { notes: 0, mints: 0 };
  const mode = row.isCurrent ? symbol('mode', row.properties.mode ?? null) : '';
  return (
    `${CATALOGUE},code_key=${textKey(code)}${mode} code=${quoted(code)}` +
    `,superseded=${row.isCurrent ? 'f' : 't'},notes=${notes}i,mints=${mints}i${said}` +
    ` ${nanoseconds(createdAt)}\n`
  );
}

function saidIn(properties: PixelProperties): string {
  const { sentAt, recipient, label, campaign } = properties;
  return (
    (typeof sentAt === 'number' ? `,sent_at=${rowTime(sentAt)}t` : '') +
    column('recipient', recipient ?? null) +
    column('label', label ?? null) +
    column('campaign', campaign ?? null) +
    `,said=${quoted(JSON.stringify(properties))}`
  );
}
