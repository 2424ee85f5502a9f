// What of the settings somebody who reads reports must know to read them rightly: the dashboard, above all.

import { z } from 'zod';
import { VERSION } from '../config/version.ts';
import type { About } from './about.ts';
import type { ApiParts } from './parts.ts';
import { Mode } from './properties.ts';
import { type Api, NoQuery } from './schema.ts';

const READ: About = {
  id: 'readSettings',
  tag: 'Operation',
  summary: 'Read how this server is set',
  returns: 'The settings that reports depend on.',
};

const Settings = z
  .object({
    base_url: z.string().describe('What the addresses of images begin with.'),
    version: z.string().describe('Of this server.'),
    store: z.enum(['duckdb', 'questdb']),
    repeat_seconds: z.int().describe('A look so soon after the same viewer’s before is a repeat.'),
    pixel_mode: Mode.describe('Of pixels that have no mode of their own, and of visits.'),
    privacy: z.enum(['standard', 'strict']),
  })
  .meta({ id: 'Settings' });

export function serveSettings(app: Api, parts: Pick<ApiParts, 'config' | 'storeName'>): void {
  const { baseUrl, repeatSeconds, pixelMode, privacy } = parts.config;
  app.get(
    '/v1/config',
    {
      config: { scope: 'read' },
      schema: { about: READ, querystring: NoQuery, response: { 200: Settings } },
    },
    () => ({
      base_url: baseUrl,
      version: VERSION,
      store: parts.storeName,
      repeat_seconds: repeatSeconds,
      pixel_mode: pixelMode,
      privacy,
    }),
  );
}
