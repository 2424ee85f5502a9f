// How the dashboard is built: for today's browsers, into files that may be kept for ever, with addresses
// relative to the page, so that it works behind a proxy that puts it under a path of its own.

import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** What `npm run dashboard` asks for the API's answers. */
const SERVER = process.env['TRUEPIXEL_URL'] ?? 'http://localhost:8000';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  plugins: [react()],
  cacheDir: '../node_modules/.cache/vite',
  build: {
    target: ['chrome123', 'firefox121', 'safari17.5'],
    // The policy allows no data: in style and script; a file is a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // The map's outlines and the charts are loaded when they are shown.
    chunkSizeWarningLimit: 1000,
    sourcemap: false,
  },
  server: { proxy: { '/v1': SERVER, '/image': SERVER } },
});
