// `/v1/openapi.json`: what programs read to learn the API. The same document is committed as
// docs/openapi.json.

import { z } from 'zod';
import type { Config } from '../config/config.ts';
import type { About } from './about.ts';
import { openApi } from './openapi.ts';
import { type Api, NoQuery } from './schema.ts';

const DOCUMENT: About = {
  id: 'openapi',
  tag: 'Operation',
  summary: 'Read this document',
  returns: 'An OpenAPI 3.1 document.',
};

export function serveDocument(
  app: Api,
  { baseUrl, apiPort }: Pick<Config, 'baseUrl' | 'apiPort'>,
): void {
  let document: ReturnType<typeof openApi> | null = null;
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
    async () => {
      // By what name an API_PORT is reached is not known here; relative to the document it is right.
      document ??= openApi(app.scopedRoutes, apiPort === null ? baseUrl : '/');
      return { ...document };
    },
  );
}
