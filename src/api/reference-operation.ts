// One operation of the API on the reference page: what it takes, what it answers, and a form that asks it.

import { STATUS_CODES } from 'node:http';
import { escapeHtml } from './html.ts';
import type { JsonSchema } from './json-schema.ts';
import { inlineMarkdown, markdown } from './markdown.ts';
import type {
  OpenApiDocument,
  OpenApiOperation,
  OpenApiParameter,
  OpenApiResponse,
} from './openapi-document.ts';
import { exampleOf, fieldsHtml, schemaHtml, typeHtml } from './reference-schema.ts';

interface Placed {
  readonly path: string;
  readonly method: string;
  readonly operation: OpenApiOperation;
}

const JSON_TYPE = 'application/json';

export function operationHtml(placed: Placed, document: OpenApiDocument): string {
  const { path, method, operation } = placed;
  const { operationId: id, summary, description, parameters, requestBody } = operation;
  const body = requestBody?.content[JSON_TYPE]?.schema;
  const line = [
    `<span class="method ${method}">${method}</span>`,
    `<code>${pathHtml(path)}</code>`,
    scopeHtml(operation),
  ];
  const parts = [
    `<h3 id="name-${id}"><a href="#${id}">${escapeHtml(summary)}</a></h3>`,
    `<p class="line">${line.join(' ')}</p>`,
    description === undefined ? '' : markdown(description),
    parameters.length === 0 ? '' : `<h4>Parameters</h4>${parametersHtml(parameters)}`,
    body === undefined ? '' : `<h4>Body${requestBody?.required ? '' : ', may be left out'}</h4>`,
    body === undefined ? '' : bodyHtml(body, document.components.schemas),
    `<h4>Answers</h4>${answersHtml(operation)}`,
    tryHtml(placed, document),
  ];
  return `<article id="${id}" aria-labelledby="name-${id}">${parts.join('\n')}</article>`;
}

/** With the fields of what has a name too: whoever writes a body needs them here. */
function bodyHtml(schema: JsonSchema, named: Readonly<Record<string, JsonSchema>>): string {
  const whole = schema.anyOf?.[0] ?? schema;
  const { $ref = '' } = whole;
  const { properties, required = [] } = named[$ref.slice($ref.lastIndexOf('/') + 1)] ?? whole;
  return `<p>${typeHtml(schema)}</p>${properties === undefined ? '' : fieldsHtml(properties, required)}`;
}

/** May break behind its slashes. */
const pathHtml = (path: string): string => escapeHtml(path).replaceAll('/', '/<wbr>');

const scopeOf = ({ security }: OpenApiOperation): string | null =>
  Object.values(security[0] ?? {})[0]?.[0] ?? null;

function scopeHtml(operation: OpenApiOperation): string {
  const scope = scopeOf(operation);
  if (scope === null) return '<span class="scope">no token</span>';
  const words = scope === 'installation' ? 'the installation’s own token' : `scope ${scope}`;
  return `<span class="scope">${words}</span>`;
}

function parametersHtml(parameters: readonly OpenApiParameter[]): string {
  const fields = parameters.map(({ name, in: place, required, description, schema }) => {
    const said = description ?? schema.description;
    const mark = required ? ' <span class="needed">needed</span>' : '';
    const type = `<span class="type">${place}, ${typeHtml(schema)}</span>`;
    return (
      `<div><dt><code>${escapeHtml(name)}</code> ${type}${mark}</dt>` +
      `<dd>${said === undefined ? '' : markdown(said)}</dd></div>`
    );
  });
  return `<dl class="fields">${fields.join('')}</dl>`;
}

/** Its own answers one by one; problems that many operations share are told once (problemsHtml). */
function answersHtml({ responses }: OpenApiOperation): string {
  const own = Object.entries(responses).map(([status, response]) =>
    '$ref' in response ? '' : answerHtml(status, response),
  );
  const shared = Object.entries(responses)
    .filter(([, response]) => '$ref' in response)
    .map(([status]) => `<a href="#problem-${status}">${status}</a>`);
  return `${own.join('')}<p class="answer soft">And as elsewhere: ${shared.join(' · ')}</p>`;
}

/** What the problems mean that operations only name. */
export function problemsHtml({ paths, components }: OpenApiDocument): string {
  const statuses = new Map<string, string>();
  for (const { responses } of Object.values(paths).flatMap((methods) => Object.values(methods))) {
    for (const [status, response] of Object.entries(responses)) {
      if ('$ref' in response) statuses.set(status, response.$ref.replace(/^.*\//, ''));
    }
  }
  const sorted = [...statuses].toSorted(([a], [b]) => Number(a) - Number(b));
  return sorted
    .map(([status, name]) => {
      const description = components.responses[name]?.description ?? '';
      return `<div id="problem-${status}">${answerHtml(status, { description })}</div>`;
    })
    .join('');
}

function answerHtml(status: string, { description, headers = {}, content = {} }: OpenApiResponse) {
  const isProblem = Number(status) >= 400;
  const line =
    `<span class="status ${isProblem ? 'problem' : 'success'}">${status}</span> ` +
    `${escapeHtml(STATUS_CODES[status] ?? '')}: ${inlineMarkdown(description)}`;
  // Every problem has the one shape, which the introduction tells.
  if (isProblem) return `<p class="answer">${line}</p>`;
  const all = Object.entries(headers).map(
    ([name, header]) =>
      `<p><code>${escapeHtml(name)}</code>: ${escapeHtml(header.description)}</p>`,
  );
  const bodies = Object.entries(content).map(([type, { schema }]) =>
    type === JSON_TYPE
      ? schemaHtml(schema)
      : `<p><code>${escapeHtml(type)}</code>: ${escapeHtml(schema.description ?? '')}</p>`,
  );
  return `<details class="answer"><summary>${line}</summary>${all.join('')}${bodies.join('')}</details>`;
}

/** What the script needs to know stands in data attributes and in the names of the fields. */
function tryHtml({ path, method, operation }: Placed, { components }: OpenApiDocument): string {
  const { operationId: id, parameters, requestBody } = operation;
  const fields = parameters.map(({ name, in: place, required, schema }) => {
    const field = `try-${id}-${place}-${name}`;
    const attributes = `id="${field}" name="${escapeHtml(name)}" data-place="${place}"`;
    const isList = schema.type === 'array';
    const hint = isList ? ' <small>several: one a line</small>' : '';
    const input = isList
      ? `<textarea ${attributes} data-list rows="1"></textarea>`
      : `<input ${attributes}${required ? ' required' : ''} autocomplete="off">`;
    return `<label for="${field}"><code>${escapeHtml(name)}</code>${hint}</label>${input}`;
  });
  const schema = requestBody?.content[JSON_TYPE]?.schema;
  if (schema !== undefined) {
    const example = JSON.stringify(exampleOf(schema, components.schemas), null, 2);
    fields.push(
      `<label for="try-${id}-body">Body</label><textarea id="try-${id}-body" data-place="body" rows="8" ` +
        `spellcheck="false">${escapeHtml(example)}</textarea>`,
    );
  }
  const changes = method !== 'get' && scopeOf(operation) === 'admin' ? ' data-changes' : '';
  return `<details class="try"><summary>Try it</summary>
<form data-method="${method.toUpperCase()}" data-path="${escapeHtml(path)}"${changes}>${fields.join('')}
<p class="actions"><button>Send</button> <button type="button" class="quiet" data-stop hidden>Stop</button>
<button type="button" class="quiet" data-copy>Copy as curl</button></p></form>
<p class="outcome" role="status"></p><pre class="result" tabindex="0" hidden></pre></details>`;
}
