// `/v1/openapi.json`: what programs read to learn the API. The same document is committed as
// docs/openapi.json.

import { z } from 'zod';
import type { Config } from '../config/config.ts';
import type { About } from './about.ts';
import type { OpenApiDocument } from './openapi-document.ts';
import { openApi } from './openapi.ts';
import { serveReference } from './reference.ts';
import { type Api, NoQuery } from './schema.ts';

const DOCUMENT: About = {
  id: 'readDocument',
  tag: 'Operation',
  summary: 'Read this document',
  returns: 'An OpenAPI 3.1 document.',
};

export function serveDocument(
  app: Api,
  { baseUrl, apiPort, apiAuth }: Pick<Config, 'baseUrl' | 'apiPort' | 'apiAuth'>,
): void {
  let made: OpenApiDocument | null = null;
  // By what name an API_PORT is reached is not known here; relative to the document it is right.
  const document = () => (made ??= openApi(app.scopedRoutes, apiPort === null ? baseUrl : '/'));
  app.get(
    '/v1/openapi.json',
    {
      config: { scope: 'none' },
      schema: {
        about: DOCUMENT,
        querystring: NoQuery,
        response: { 200: z.looseObject({ openapi: z.string() }) },
      },
    },
    async () => ({ ...document() }),
  );
  serveReference(app, document, { apiAuth });
}
