// JSON Schema as people read it: fields with their types and meanings, names that lead to their own
// descriptions, and an example to begin a request's body with.

import { escapeHtml } from './html.ts';
import type { JsonSchema } from './json-schema.ts';
import { markdown } from './markdown.ts';

/** What a value is: its fields when it is an object, else its type in words. */
export function schemaHtml(schema: JsonSchema): string {
  const said = schema.description === undefined ? '' : markdown(schema.description);
  const { properties } = schema;
  if (properties === undefined) return `${said}<p>${typeHtml(schema)}</p>`;
  return said + fieldsHtml(properties, schema.required ?? []);
}

export function fieldsHtml(
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[],
): string {
  const fields = Object.entries(properties).map(([name, schema]) => {
    const description = schema.description ?? nonNull(schema).description;
    const mark = required.includes(name) ? ' <span class="needed">needed</span>' : '';
    const inner = innerObject(schema);
    const nested = inner === null ? '' : fieldsHtml(inner.properties ?? {}, inner.required ?? []);
    return (
      `<div><dt><code>${escapeHtml(name)}</code> <span class="type">${typeHtml(schema)}</span>${mark}</dt>` +
      `<dd>${description === undefined ? '' : markdown(description)}${nested}</dd></div>`
    );
  });
  return `<dl class="fields">${fields.join('')}</dl>`;
}

/** The object without a name that is in `schema`, or in its list. */
function innerObject(schema: JsonSchema): JsonSchema | null {
  const { items, properties } = nonNull(schema);
  if (properties !== undefined) return nonNull(schema);
  return items === undefined ? null : innerObject(items);
}

/** What it is when it is not null. */
function nonNull(schema: JsonSchema): JsonSchema {
  const others = schema.anyOf?.filter(({ type }) => type !== 'null') ?? [];
  const [one] = others;
  return one !== undefined && others.length === 1 ? one : schema;
}

/** In a few words, with links to what has a name. */
export function typeHtml(schema: JsonSchema): string {
  const { $ref, type, anyOf, items, format } = schema;
  if ($ref !== undefined) {
    const name = escapeHtml($ref.slice($ref.lastIndexOf('/') + 1));
    return `<a href="#schema-${name}">${name}</a>`;
  }
  if (schema.const !== undefined) return literal(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(literal).join(' | ');
  if (anyOf !== undefined) return anyOf.map(typeHtml).join(' | ');
  if (type === 'array') return `list of ${typeHtml(items ?? {})}`;
  if (type === undefined) return 'any JSON';
  const words = [type].flat().map((one) => (one === 'string' ? (format ?? 'text') : one));
  return escapeHtml(words.join(' | ') + bounds(schema));
}

const literal = (value: unknown): string => `<code>${escapeHtml(JSON.stringify(value))}</code>`;

function bounds({ minimum, maximum, minItems, maxItems, default: fallback }: JsonSchema): string {
  const words = [
    minimum === undefined || maximum === undefined ? '' : `${minimum} to ${maximum}`,
    minItems === undefined || maxItems === undefined ? '' : `${minItems} to ${maxItems} of them`,
    fallback === undefined ? '' : `${JSON.stringify(fallback)} unless said otherwise`,
  ].filter((word) => word !== '');
  return words.length === 0 ? '' : `, ${words.join(', ')}`;
}

/** A value of the right shape, with every field, to be edited. `named` are the document's components. */
export function exampleOf(
  schema: JsonSchema,
  named: Readonly<Record<string, JsonSchema>>,
): unknown {
  const { $ref, anyOf, type, items, properties, format } = schema;
  if ($ref !== undefined)
    return exampleOf(named[$ref.slice($ref.lastIndexOf('/') + 1)] ?? {}, named);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (anyOf?.[0] !== undefined) return exampleOf(anyOf[0], named);
  switch (String([type].flat()[0])) {
    case 'object':
      return Object.fromEntries(
        Object.entries(properties ?? {}).map(([name, one]) => [name, exampleOf(one, named)]),
      );
    case 'array':
      return [exampleOf(items ?? {}, named)];
    case 'integer':
    case 'number':
      return schema.minimum ?? 0;
    case 'boolean':
      return true;
    default:
      return format === 'date-time' ? '2026-11-22T09:00:00+01:00' : '…';
  }
}
