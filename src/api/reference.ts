// `/v1/reference`: the OpenAPI document for people, with every request to be tried out on the spot. A page of
// our own: it asks no other host, runs under a policy that names its one style and its one script, and is a
// hundredth of what a general renderer weighs (docs/decisions/0022-api-document.md).

import type { Config } from '../config/config.ts';
import { escapeHtml, fillTemplate, readPageFile, sourceHash } from './html.ts';
import { markdown } from './markdown.ts';
import type { OpenApiDocument } from './openapi-document.ts';
import { operationHtml, problemsHtml } from './reference-operation.ts';
import { schemaHtml } from './reference-schema.ts';
import type { Api } from './schema.ts';

/** `document` is asked for once, when all routes are there. */
export function serveReference(
  app: Api,
  document: () => OpenApiDocument,
  { apiAuth }: Pick<Config, 'apiAuth'>,
): void {
  let page: ReturnType<typeof renderReference> | null = null;
  app.get(
    '/v1/reference',
    { config: { scope: 'none' }, schema: { about: null } },
    async (_request, reply) => {
      page ??= renderReference(document(), apiAuth);
      return reply
        .header('content-security-policy', page.policy)
        .type('text/html; charset=utf-8')
        .send(page.html);
    },
  );
}

function renderReference(document: OpenApiDocument, apiAuth: Config['apiAuth']) {
  const [style, script] = [readPageFile('reference.css'), readPageFile('reference.js')];
  const html = fillTemplate(readPageFile('reference.html'), {
    style: `<style>${style}</style>`,
    script: `<script type="module">${script}</script>`,
    version: escapeHtml(document.info.version),
    apiAuth,
    introduction: markdown(document.info.description),
    contents: contents(document),
    chapters: chapters(document),
    problems: problemsHtml(document),
    schemas: schemas(document),
  });
  const policy = [
    "default-src 'none'",
    `style-src ${sourceHash(style)}`,
    `script-src ${sourceHash(script)}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return { html, policy };
}

/** By chapter, in the order of the document. */
function operationsOf({ tags, paths }: OpenApiDocument) {
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  return tags
    .map((tag) => ({ ...tag, operations: all.filter((one) => one.operation.tags[0] === tag.name) }))
    .filter(({ operations }) => operations.length > 0);
}

const contents = (document: OpenApiDocument): string =>
  operationsOf(document)
    .map(({ name, operations }) => {
      const items = operations.map(
        ({ method, operation }) =>
          `<li><a href="#${operation.operationId}"><span class="method ${method}">${method}</span>` +
          `<span>${escapeHtml(operation.summary)}</span></a></li>`,
      );
      const title = `<a class="chapter" href="#chapter-${name}">${escapeHtml(name)}</a>`;
      return `<li>${title}<ul>${items.join('')}</ul></li>`;
    })
    .join('');

const chapters = (document: OpenApiDocument): string =>
  operationsOf(document)
    .map(
      ({ name, description, operations }) =>
        `<section id="chapter-${name}" aria-labelledby="title-${name}">` +
        `<h2 id="title-${name}">${escapeHtml(name)}</h2>${markdown(description)}` +
        `${operations.map((one) => operationHtml(one, document)).join('')}</section>`,
    )
    .join('');

const schemas = ({ components }: OpenApiDocument): string =>
  Object.entries(components.schemas)
    .map(
      ([name, schema]) =>
        `<article id="schema-${name}"><h3><code>${name}</code></h3>${schemaHtml(schema)}</article>`,
    )
    .join('');
