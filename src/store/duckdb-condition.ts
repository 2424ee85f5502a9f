// A selection of hits in the embedded store's SQL: what each dimension is of a row of hits, and the condition
// of a whole selection, with every value as a parameter.

import {
  BIGINT,
  type DuckDBPreparedStatement,
  type DuckDBType,
  type DuckDBValue,
  UINTEGER,
  VARCHAR,
} from '@duckdb/node-api';
import { codeKey } from './duckdb-append.ts';
import { CLASS_NUMBER, DEVICE_NUMBER, KIND_NUMBER } from './duckdb-numbers.ts';
import type { Dimension, Selection } from './selection.ts';

/** SQL of a row of hits, and what its parameters hold. */
export interface Condition {
  readonly sql: string;
  readonly parameters: Readonly<Record<string, readonly [DuckDBValue, DuckDBType]>>;
}

type NumberedDimension = 'class' | 'device';

const NUMBERS: Readonly<Record<NumberedDimension, Readonly<Record<string, number>>>> = {
  class: CLASS_NUMBER,
  device: DEVICE_NUMBER,
};

const CAPITALS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const SITE = `regexp_extract(referrer, '://([^/?#]*)', 1)`;

/**
 * Of a row of hits; NULL where it has none. A class and a device are their numbers, and a hit that nobody
 * judged is of the class `unknown`. The campaign is the pixel's, and so not here.
 */
export const COLUMN_OF: Readonly<Record<Exclude<Dimension, 'campaign'>, string>> = {
  pixel: `nullif(code, '')`,
  class: `coalesce(class, ${CLASS_NUMBER.unknown})`,
  client: `nullif(client, '')`,
  os: `nullif(os, '')`,
  device: 'device',
  country: `nullif(country, '')`,
  // Capitals of ASCII only become small: a host has no others.
  referrer: `nullif(translate(${SITE}, '${CAPITALS}', '${CAPITALS.toLowerCase()}'), '')`,
  page: `nullif(regexp_extract(referrer, '^[^?#]*'), '')`,
};

/** Parameters are named by their prefix, for statements that have several conditions. */
export function conditionOf({ kind, from, to, where }: Selection, prefix = 's'): Condition {
  const building = new Building(prefix);
  if (kind !== null) building.and(`kind = ${KIND_NUMBER[kind]}`);
  if (from !== null)
    building.and(`occurred_at >= make_timestamp(${building.put(BigInt(from), BIGINT)})`);
  if (to !== null)
    building.and(`occurred_at < make_timestamp(${building.put(BigInt(to), BIGINT)})`);
  for (const [dimension, values] of Object.entries(where)) {
    building.and(anyOf(building, dimension as Dimension, values));
  }
  return building.condition;
}

export function bindCondition(
  statement: DuckDBPreparedStatement,
  { parameters }: Pick<Condition, 'parameters'>,
): void {
  for (const [name, [value, type]] of Object.entries(parameters)) {
    statement.bindValue(statement.parameterIndex(name), value, type);
  }
}

function anyOf(
  building: Building,
  dimension: Dimension,
  values: readonly (string | null)[],
): string {
  const named = values.filter((value) => value !== null);
  const ways = named.length === 0 ? [] : [isOneOf(building, dimension, named)];
  if (values.includes(null)) ways.push(isNone(dimension));
  return ways.length === 0 ? 'false' : `(${ways.join(' OR ')})`;
}

function isOneOf(building: Building, dimension: Dimension, values: readonly string[]): string {
  const list = (): string => values.map((value) => building.put(value, VARCHAR)).join(', ');
  if (dimension === 'campaign') {
    return `code IN (SELECT code FROM pixels WHERE campaign IN (${list()}))`;
  }
  if (dimension === 'pixel') {
    // By their keys first, which the zone maps know (duckdb-schema.ts).
    const keys = values.map((value) => building.put(codeKey(value), UINTEGER));
    return `code_key IN (${keys.join(', ')}) AND code IN (${list()})`;
  }
  if (dimension === 'class' || dimension === 'device') {
    const numbers = values.flatMap((value) => NUMBERS[dimension][value] ?? []);
    return numbers.length === 0 ? 'false' : `${COLUMN_OF[dimension]} IN (${numbers.join(', ')})`;
  }
  return `${COLUMN_OF[dimension]} IN (${list()})`;
}

function isNone(dimension: Dimension): string {
  if (dimension !== 'campaign') return `${COLUMN_OF[dimension]} IS NULL`;
  return `(code IS NULL OR code NOT IN (SELECT code FROM pixels WHERE nullif(campaign, '') IS NOT NULL))`;
}

class Building {
  readonly #prefix: string;
  readonly #parts: string[] = [];
  readonly #parameters: Record<string, readonly [DuckDBValue, DuckDBType]> = {};

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  and(part: string): void {
    this.#parts.push(part);
  }

  /** Returns how the value is named. */
  put(value: DuckDBValue, type: DuckDBType): string {
    const name = `${this.#prefix}${Object.keys(this.#parameters).length}`;
    this.#parameters[name] = [value, type];
    return `$${name}`;
  }

  get condition(): Condition {
    return { sql: this.#parts.join(' AND ') || 'true', parameters: this.#parameters };
  }
}
