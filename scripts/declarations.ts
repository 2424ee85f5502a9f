// client/api.d.ts from docs/openapi.json: what goes over the wire as types, for the client module, the
// dashboard and whoever else writes TypeScript. A generator of packages' own needs a compiler API that
// TypeScript 7 does not have.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import type { JsonSchema } from '../src/api/json-schema.ts';
import type { OpenApiDocument, OpenApiOperation } from '../src/api/openapi-document.ts';

const HEAD = `// What goes over the wire, as types. \`npm run docs\` writes this from docs/openapi.json.
`;

const formatter = fileURLToPath(new URL('../node_modules/oxfmt/bin/oxfmt', import.meta.url));

/** The whole file. */
export function declarations({ paths, components }: OpenApiDocument): string {
  const named = Object.entries(components.schemas).map(
    ([name, schema]) => `${comment(schema.description)}export ${declared(name, schema)}`,
  );
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => operationType(method, path, one)),
  );
  const text = `${HEAD}
${named.join('\n')}
/** What each operation takes and gives, by its operationId. */
export interface Operations {
${operations.join('\n')}}
`;
  return formatted('api.d.ts', text);
}

/** As the formatter would leave a file of this name. */
export function formatted(name: string, text: string): string {
  const words = [formatter, `--stdin-filepath=${name}`];
  return execFileSync(process.execPath, words, { input: text, encoding: 'utf8' });
}

function declared(name: string, schema: JsonSchema): string {
  const type = typeOf(schema);
  return type.startsWith('{') && type.endsWith('}') && schema.properties !== undefined
    ? `interface ${name} ${type}\n`
    : `type ${name} = ${type};\n`;
}

function operationType(method: string, path: string, operation: OpenApiOperation): string {
  const { operationId, summary, requestBody, responses } = operation;
  const body = requestBody?.content?.['application/json']?.schema;
  const parts = [
    ...parametersOf(operation, 'path'),
    ...parametersOf(operation, 'query'),
    ...(body === undefined
      ? []
      : [`readonly body${requestBody?.required ? '' : '?'}: ${typeOf(body)};`]),
    `readonly answer: ${answerOf(responses)};`,
  ];
  const said = comment(`${summary}: ${method.toUpperCase()} ${path}`);
  return `${said}readonly ${operationId}: {${parts.join('\n')}};`;
}

function parametersOf({ parameters }: OpenApiOperation, place: string): string[] {
  const there = parameters.filter((parameter) => parameter.in === place);
  if (there.length === 0) return [];
  const all = there.map(
    ({ name, required, description, schema }) =>
      `${comment(description)}readonly ${name}${required ? '' : '?'}: ${typeOf(schema)};`,
  );
  const isNeeded = there.some(({ required }) => required);
  return [`readonly ${place}${isNeeded ? '' : '?'}: {${all.join('\n')}};`];
}

/** Of a success; what is no JSON is text or a stream, and no type of this file. */
function answerOf(responses: OpenApiOperation['responses']): string {
  const bodies = Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .map(([, response]) => {
      const content = ('content' in response && response.content) || {};
      const schema = content['application/json']?.schema;
      if (schema !== undefined) return typeOf(schema);
      return Object.keys(content).length === 0 ? 'undefined' : 'unknown';
    });
  return [...new Set(bodies)].join(' | ');
}

function typeOf(schema: JsonSchema): string {
  const { $ref, anyOf, oneOf, allOf, type } = schema;
  if ($ref !== undefined) return $ref.slice($ref.lastIndexOf('/') + 1);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((one) => JSON.stringify(one)).join(' | ');
  const union = anyOf ?? oneOf;
  if (union !== undefined) return [...new Set(union.map(typeOf))].join(' | ');
  if (allOf !== undefined) return allOf.map((one) => `(${typeOf(one)})`).join(' & ');
  if (type === undefined) return 'unknown';
  return [type]
    .flat()
    .map((one) => simpleType(one, schema))
    .join(' | ');
}

function simpleType(type: string, schema: JsonSchema): string {
  switch (type) {
    case 'integer':
    case 'number':
      return 'number';
    case 'string':
    case 'boolean':
    case 'null':
      return type;
    case 'array':
      return `readonly (${typeOf(schema.items ?? {})})[]`;
    case 'object':
      return objectType(schema);
    default:
      throw new Error(`no type for ${type}`);
  }
}

function objectType({ properties = {}, required = [], additionalProperties }: JsonSchema): string {
  const fields = Object.entries(properties).map(([name, schema]) => {
    const mark = required.includes(name) ? '' : '?';
    return `${comment(schema.description)}readonly ${name}${mark}: ${typeOf(schema)};`;
  });
  // Beside named keys, further ones are of no type that would hold for all.
  if (fields.length === 0 && typeof additionalProperties === 'object') {
    return `Readonly<Record<string, ${typeOf(additionalProperties)}>>`;
  }
  if (typeof additionalProperties === 'object') fields.push('readonly [extra: string]: unknown;');
  return `{${fields.join('\n')}}`;
}

const comment = (text: string | undefined): string =>
  text === undefined ? '' : `/** ${text.replaceAll('*/', '* /')} */\n`;
