// The API as an OpenAPI 3.1 document, made from the routes' own definitions: what validates a request and
// what an answer is checked against in tests is what is described, so neither can drift from the other.

import type { z } from 'zod';
import { VERSION } from '../config/version.ts';
import { PROBLEM_TYPE } from '../telemetry/problem.ts';
import { type About, TAGS } from './about.ts';
import { type Components, type JsonSchema, jsonSchema } from './json-schema.ts';
import type {
  OpenApiDocument,
  OpenApiOperation,
  OpenApiParameter,
  OpenApiResponse,
} from './openapi-document.ts';
import { COMMON_PROBLEMS, type ProblemAnswer, ProblemBody } from './problem-schema.ts';
import { NoBody, NoContent } from './schema.ts';
import type { RouteScope, ScopedRoute } from './scoped.ts';

/** A route that the document describes. */
interface Described {
  readonly method: string;
  readonly path: string;
  readonly about: About;
  readonly scope: RouteScope;
  readonly params?: z.ZodType;
  readonly querystring?: z.ZodType;
  readonly headers?: z.ZodType;
  readonly body?: z.ZodType;
  /** Of successes, by status. */
  readonly response?: Readonly<Record<number, z.ZodType>>;
}

const INTRODUCTION = `Everything that a Truepixel server can be asked, from minting a pixel to who opened it.

* **Authentication**: \`Authorization: Bearer TOKEN\`, or the cookie that signing in sets. What a token may do
  is its scopes: \`read\`, \`mint\`, and \`admin\`, which implies both. Each operation names the one it needs.
* **Problems** are problem documents (RFC 9457). Beside those that an operation lists, any path may answer
  \`404\`, \`405\` (with \`Allow\`), \`408\`, \`431\` and, by our mistake, \`500\`.
* **Strict requests**: a parameter or field that is not known is refused and named. **Growing answers**: later
  versions may add keys; ignore those that you do not know.
* **Times** are RFC 3339, in answers in UTC to the microsecond unless a time zone was asked for.
* \`HEAD\` works wherever \`GET\` does, but for the \`GET\` that mints.

The images themselves, \`GET /image/CODE.png\` and \`GET /track\`, need no token and are no part of this.`;

/** The document of all that `routes` serve. `server` is the URL to which paths are added. */
export function openApi(routes: readonly ScopedRoute[], server: string): OpenApiDocument {
  const components: Components = new Map();
  jsonSchema(ProblemBody, 'output', components);
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const route of routes.flatMap(described).toSorted(byPath)) {
    paths[route.path] ??= {};
    Object.assign(paths[route.path] ?? {}, {
      [route.method.toLowerCase()]: operation(route, components),
    });
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Truepixel',
      version: VERSION,
      summary: 'A self-hosted tracking-pixel server that keeps every hit it answers',
      description: INTRODUCTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: server }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: Object.fromEntries([...components].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      responses: Object.fromEntries(
        Object.values(COMMON_PROBLEMS).map((problem) => [problem.name, problemAnswer(problem)]),
      ),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'A token, see `/v1/tokens`.' },
        cookie: {
          type: 'apiKey',
          in: 'cookie',
          name: 'truepixel_session',
          description: 'The session of the dashboard, see `/v1/session`.',
        },
      },
    },
  };
}

const byPath = (a: Described, b: Described): number => (a.path < b.path ? -1 : 1);

function described({ method, url, schema, config }: ScopedRoute): Described[] {
  if (schema === undefined || schema.about === null || method === 'HEAD') return [];
  const { about } = schema;
  const path = url.replaceAll(/:(\w+)/g, '{$1}');
  const scope = config?.scope ?? 'admin';
  return [{ ...(schema as Described), about, method: String(method), path, scope }];
}

/** Anybody, or whoever comes with one of these and has the scope. No cookie has the installation's token. */
function security(scope: RouteScope): OpenApiOperation['security'] {
  if (scope === 'none') return [];
  if (scope === 'installation') return [{ bearer: [scope] }];
  return [{ bearer: [scope] }, { cookie: [scope] }];
}

function operation(route: Described, components: Components): OpenApiOperation {
  const { about, body, scope } = route;
  const { id, tag, summary, description } = about;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    security: security(scope),
    parameters: [
      ...parameters('path', route.params, components),
      ...parameters('query', route.querystring, components),
      ...parameters('header', route.headers, components),
    ],
    ...(body === undefined || body === NoBody
      ? {}
      : {
          requestBody: {
            required: !body.safeParse(null).success,
            content: { 'application/json': { schema: jsonSchema(body, 'input', components) } },
          },
        }),
    responses: { ...successes(route, components), ...problems(route) },
  };
}

function parameters(
  place: OpenApiParameter['in'],
  schema: z.ZodType | undefined,
  all: Components,
): OpenApiParameter[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, 'input', all);
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = property;
    return {
      name,
      in: place,
      required: required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema: place === 'query' ? repeated(rest) : rest,
    };
  });
}

/** A parameter that may be there once or several times is a list, which is written by repeating it. */
function repeated(schema: JsonSchema): JsonSchema {
  const list = schema.anyOf?.find(({ type }) => type === 'array');
  return list ?? schema;
}

function successes({ about, response }: Described, components: Components) {
  const { returns, headers = {}, media } = about;
  const shape = {
    description: returns,
    ...(Object.keys(headers).length === 0 ? {} : { headers: headerObjects(headers, true) }),
  };
  if (media !== undefined) return { 200: { ...shape, content: mediaTypes(media) } };
  const described = Object.entries(response ?? {}).map(([status, schema]) => {
    const content = { 'application/json': { schema: jsonSchema(schema, 'output', components) } };
    return [status, schema === NoContent ? shape : { ...shape, content }];
  });
  return Object.fromEntries(described) as Record<string, OpenApiResponse>;
}

const mediaTypes = (media: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(media).map(([type, description]) => [
      type,
      { schema: { type: 'string', description } },
    ]),
  );

/** Whether a query that is right in each of its parts may yet be longer than any request line may be. */
const isLong = ({ querystring }: Described): boolean =>
  querystring !== undefined &&
  parameters('query', querystring, new Map()).some(({ schema }) => schema.type === 'array');

/** The statuses with which `route` may refuse, and what each means: what is its own, and what follows. */
function problems(route: Described) {
  const { about, scope, method } = route;
  const following = [
    400,
    ...(scope === 'none' ? [] : [401, 403, 429]),
    ...(method === 'GET' ? [] : [413, 415]),
    ...(isLong(route) ? [431] : []),
    503,
  ];
  const references = following.map((status) => [
    status,
    { $ref: `#/components/responses/${COMMON_PROBLEMS[status]?.name}` },
  ]);
  const own = Object.entries(about.refuses ?? {}).map(([status, description]) => [
    status,
    problemAnswer({ ...COMMON_PROBLEMS[Number(status)], name: status, description }),
  ]);
  return Object.fromEntries([...references, ...own]) as OpenApiOperation['responses'];
}

const PROBLEM = { $ref: '#/components/schemas/Problem' };

const problemAnswer = ({
  description,
  headers = {},
  hasBody = true,
}: ProblemAnswer): OpenApiResponse => ({
  description,
  ...(Object.keys(headers).length === 0 ? {} : { headers: headerObjects(headers, false) }),
  ...(hasBody ? { content: { [PROBLEM_TYPE]: { schema: PROBLEM } } } : {}),
});

const headerObjects = (
  headers: Readonly<Record<string, string>>,
  required: boolean,
): NonNullable<OpenApiResponse['headers']> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [
      name,
      { description, required, schema: { type: 'string' } },
    ]),
  );
