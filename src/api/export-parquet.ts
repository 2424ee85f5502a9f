// Exports as Parquet: each call's rows are one row group, written and let go at once. What the end of a file
// says of each row group, some 12 KiB in memory, is all that grows with its length.

import { ByteWriter, type ColumnSource, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import type { Column, ColumnKind } from './export-columns.ts';
import type { RowFormat } from './export-text.ts';

const TYPES: Readonly<Record<ColumnKind, Omit<SchemaElement, 'name'>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  json: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  count: { type: 'INT64' },
  time: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MICROS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
  },
};

export function parquetOf<Row>(columns: readonly Column<Row>[]): RowFormat<Row> {
  const bytes = new ByteWriter();
  const file = new ParquetWriter({
    writer: bytes,
    schema: [
      { name: 'root', num_children: columns.length },
      ...columns.map(({ name, kind, required }) => ({
        name,
        repetition_type: required ? ('REQUIRED' as const) : ('OPTIONAL' as const),
        ...TYPES[kind],
      })),
    ],
    createdBy: 'truepixel',
  });
  const take = (): Uint8Array => {
    const taken = bytes.getBytes().slice();
    bytes.index = 0;
    return taken;
  };
  return {
    // `PAR1` is written already, and goes with whatever comes first.
    begin: take,
    rows: (rows) => {
      const columnData = columns.map((column) => dataOf(column, rows));
      void file.write({ columnData, rowGroupSize: rows.length });
      return take();
    },
    end: () => {
      void file.finish();
      return take();
    },
  };
}

/** Statistics where a reader can pass over row groups by them: the rows are in the order of time. */
function dataOf<Row>({ name, kind, of }: Column<Row>, rows: readonly Row[]): ColumnSource {
  const values = rows.map(of);
  const data = kind === 'time' || kind === 'count' ? values.map(whole) : values;
  return { name, data, statistics: kind === 'time', offsetIndex: false };
}

const whole = (value: string | number | null): bigint | null =>
  value === null ? null : BigInt(value);
