// The document is what other people's programs are made from: it is valid, whole, and the one that is
// committed.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { z } from 'zod';
import { apiRig, AUTHORIZED, readDocument } from '../../test/api-rig.ts';
import { declarations } from '../../scripts/declarations.ts';
import { jsonSchema } from './json-schema.ts';
import type { OpenApiDocument } from './openapi-document.ts';

const committed = (name: string): string =>
  readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

test('docs/openapi.json is what the routes say now: else run npm run docs', async () => {
  assert.deepEqual(JSON.parse(committed('docs/openapi.json')), await readDocument());
});

test('client/api.d.ts is what the document says now: else run npm run docs', async () => {
  assert.equal(committed('client/api.d.ts'), declarations(await readDocument()));
});

test('a public validator finds the document to be OpenAPI 3.1', async () => {
  const validator = new Validator();
  const verdict = await validator.validate(plain(await readDocument()));
  assert.deepEqual(verdict.errors ?? [], []);
  assert.ok(verdict.valid);
  assert.equal(validator.version, '3.1');
  const broken = plain(await readDocument());
  broken['openapi'] = 3.1;
  assert.equal((await new Validator().validate(broken)).valid, false);
});

test('every route under /v1 is in it, guarded or not', async () => {
  const { app } = apiRig();
  await app.ready();
  const { paths } = await readDocument();
  const served = app.scopedRoutes.filter(
    ({ method, url, schema }) =>
      url.startsWith('/v1/') && method !== 'HEAD' && schema?.about !== null,
  );
  assert.ok(served.length > 10);
  for (const { method, url } of served) {
    const known = paths[url.replaceAll(/:(\w+)/g, '{$1}')]?.[String(method).toLowerCase()];
    assert.ok(known !== undefined, `${String(method)} ${url}: its schema says no \`about\``);
  }
});

test('names of operations are unique, and summaries are lines without a full stop', async () => {
  const { paths } = await readDocument();
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
  const ids = operations.map(({ operationId }) => operationId);
  assert.equal(new Set(ids).size, ids.length);
  for (const { operationId, summary } of operations) {
    assert.match(operationId, /^[a-z][A-Za-z]+$/);
    assert.match(summary, /^[A-Z][^\n]{5,100}[^.\n]$/, operationId);
  }
});

test('anybody may read it, and it names the server that was asked', async () => {
  const urlOf = async (config: Parameters<typeof apiRig>[0]): Promise<string | undefined> => {
    const reply = await apiRig(config).app.inject('/v1/openapi.json');
    assert.equal(reply.statusCode, 200);
    return reply.json<{ servers: { url: string }[] }>().servers[0]?.url;
  };
  assert.equal(await urlOf({}), 'https://pixel.example/base');
  assert.equal(await urlOf({ apiPort: 9_000 }), '/');
  const refused = await apiRig().app.inject({ url: '/v1/openapi.json?x=1', headers: AUTHORIZED });
  assert.equal(refused.statusCode, 400);
});

test('a name stands for one schema', () => {
  const components = new Map();
  jsonSchema(z.object({ a: z.string().meta({ id: 'Same' }) }), 'output', components);
  const other = z.object({ b: z.object({ c: z.int().meta({ id: 'Same' }) }) });
  assert.throws(
    () => jsonSchema(other, 'output', components),
    /two schemas have the name|Duplicate/,
  );
});

const plain = (document: OpenApiDocument) =>
  structuredClone(document) as object as Record<string, unknown>;
