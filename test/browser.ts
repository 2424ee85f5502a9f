// A real browser, and a page for it to open: what no hand-written request can stand in for.

import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium } from 'playwright-core';

export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
/** Without a browser the test is skipped, but not where everything has to be checked. */
export const browserMissing =
  existsSync(CHROMIUM) || process.env['CI'] === 'true'
    ? false
    : `no Chromium at ${CHROMIUM} (Debian: apt-get install chromium; else set CHROMIUM)`;
/** A headless Chromium that talks to nobody but the page under test. */
export const CHROMIUM_ARGUMENTS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-gpu',
];

/** Serves one HTML page, on a port and so an origin of its own; resolves with its URL. */
export async function servePage(html: string): Promise<{ url: string; close: () => void }> {
  const server = createServer((_, reply) => {
    reply.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(html);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/newsletter/page.html`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Opens the page in a real browser; resolves with the size that each image came out at. */
export async function browse(url: string): Promise<{ widths: number[]; agent: string }> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS });
  try {
    const page = await browser.newPage();
    await page.goto(url, { waitUntil: 'load' });
    const widths = await page.evaluate<number[]>('[...document.images].map((i) => i.naturalWidth)');
    const agent = await page.evaluate<string>('navigator.userAgent');
    return { widths, agent };
  } finally {
    await browser.close();
  }
}
