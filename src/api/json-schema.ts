// From zod to the JSON Schema of an OpenAPI document: a schema with an `id` in its metadata becomes a named
// component, and what zod can only say as code (bytes, whole numbers in a query) is said in metadata.

import { z } from 'zod';

/** As much of JSON Schema as zod writes of our schemas. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly format?: string;
  readonly pattern?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly minProperties?: number;
  readonly maxProperties?: number;
}

/** Requests are described as they are sent, answers as they arrive. */
type Side = 'input' | 'output';

/** The named schemas of one document, filled by {@link jsonSchema}. */
export type Components = Map<string, JsonSchema>;

/**
 * The metadata under which a zod schema carries its own description, in place of what zod would make of it.
 */
const OWN = 'json';

/** `schema`, described as `json`: for one whose code says more than JSON Schema can, or says it otherwise. */
export function describedAs<T extends z.ZodType>(schema: T, json: JsonSchema): T {
  return schema.meta({ ...schema.meta(), [OWN]: json });
}

/** Refers to `components`, to which it adds what it refers to. Throws when a name stands for two schemas. */
export function jsonSchema(schema: z.ZodType, io: Side, components: Components): JsonSchema {
  const {
    $schema: _dialect,
    '~standard': _standard,
    $defs: named = {},
    ...root
  } = z.toJSONSchema(schema, { io, unrepresentable: 'any', override });
  for (const [name, definition] of Object.entries(named)) {
    const tidied = tidy(definition as JsonSchema, io);
    const known = components.get(name);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(tidied)) {
      throw new Error(`two schemas have the name ${name}`);
    }
    components.set(name, tidied);
  }
  return tidy(root as JsonSchema, io);
}

const override: NonNullable<z.core.ToJSONSchemaParams['override']> = ({
  zodSchema,
  jsonSchema: json,
}) => {
  const own = z.globalRegistry.get(zodSchema)?.[OWN];
  if (own === undefined) return;
  const { description } = json;
  for (const key of Object.keys(json)) delete json[key];
  Object.assign(json, description === undefined ? {} : { description }, own);
};

/** Without what only zod's own readers need, and with references as OpenAPI writes them. */
function tidy(json: JsonSchema, io: Side): JsonSchema {
  const kept = Object.entries(json).filter(([key, value]) => !isNoise(key, value, json, io));
  return Object.fromEntries(kept.map(([key, value]) => [key, tidied(key, value, io)]));
}

/** Names of properties are no keywords, whatever they are. */
function tidied(key: string, value: unknown, io: Side): unknown {
  if (key === '$ref') return String(value).replace('#/$defs/', '#/components/schemas/');
  if (LITERALS.has(key) || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => tidied('', each, io));
  if (key !== 'properties') return tidy(value, io);
  const properties = Object.entries(value);
  return Object.fromEntries(properties.map(([name, each]) => [name, tidied('', each, io)]));
}

const LITERALS = new Set(['enum', 'const', 'default', 'examples', 'required']);

function isNoise(key: string, value: unknown, { format }: JsonSchema, io: Side): boolean {
  // The bounds of what a double holds exactly, and the leap years in a pattern.
  if (key === 'minimum' || key === 'maximum') return Math.abs(Number(value)) === 2 ** 53 - 1;
  if (key === 'pattern') return format === 'date-time';
  if (key === 'propertyNames' || key === 'id') return true;
  // Answers may get further keys in later versions; requests may not have any that are not known.
  return key === 'additionalProperties' && value === false && io === 'output';
}
