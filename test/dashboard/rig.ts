// The dashboard as its users have it: a real server with a seeded history, and a real browser that is watched
// for whatever a page must never do.

import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from '../browser.ts';
import { endAll, freePort, type Server, startServer, TEST_TOKEN } from '../server.ts';
import { CODE_SECRET, seed } from './seed.ts';
import type { Landmarks } from './story.ts';
import { watch } from './watch.ts';

const BUILD = fileURLToPath(new URL('../../dashboard/build.ts', import.meta.url));
/** Where a page waits at most for what it is to show. */
const SHOWN_MS_MAX = 15_000;

export type Theme = 'light' | 'dark';
export const WIDE = { width: 1280, height: 900 };
export const PHONE = { width: 390, height: 844 };

export interface View {
  readonly page: Page;
  /** What the page did that no page may do, in words: see watch.ts. */
  readonly strange: readonly string[];
  close(): Promise<void>;
}

export interface Look extends BrowserContextOptions {
  readonly theme?: Theme;
  readonly size?: { width: number; height: number };
  /** Null: nobody signs in. */
  readonly token?: string | null;
  /** Answers with these statuses are expected, and the console may speak of them. */
  readonly refusals?: readonly number[];
}

export interface Dashboard {
  readonly server: Server;
  readonly url: string;
  readonly landmarks: Landmarks;
  /** May do everything. */
  readonly token: string;
  /** A token that may do less. */
  makeToken(name: string, scopes: readonly string[]): Promise<string>;
  /** A browser of its own, as far as cookies and caches go, at `path` and signed in. */
  open(path: string, look?: Look): Promise<View>;
  close(): Promise<void>;
}

/** A server with nine weeks of history; `env` on top of what the seeded history needs. */
export async function openDashboard(
  env: Readonly<Record<string, string>> = {},
): Promise<Dashboard> {
  const folder = await mkdtemp(join(tmpdir(), 'truepixel-dashboard-'));
  const dataDir = join(folder, 'data');
  const end = async (): Promise<void> => {
    await endAll(dataDir);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    buildDashboard();
    const landmarks = await seed(dataDir, Date.now());
    const apple = join(folder, 'apple.csv');
    await writeFile(apple, '203.0.113.0/25,DE,DE-BE,Berlin\n');
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const server = await startServer({
      dataDir,
      port,
      env: {
        CODE_SECRET,
        APPLE_EGRESS_FILE: apple,
        IGNORED_ADDRESSES: '198.51.100.0/24',
        BASE_URL: url,
        ...env,
      },
    });
    const browser = await launch();
    return {
      server,
      url,
      landmarks,
      token: TEST_TOKEN,
      makeToken: (name, scopes) => makeToken(url, name, scopes),
      open: (path, look) => openView(browser, url, path, look),
      close: async () => {
        await browser.close();
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** A server does so by itself, but it has a time to get ready, and other tests run beside. */
export function buildDashboard(): void {
  execFileSync(process.execPath, [BUILD, '--if-stale'], { stdio: 'inherit' });
}

async function makeToken(url: string, name: string, scopes: readonly string[]): Promise<string> {
  const reply = await fetch(`${url}/v1/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TEST_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name, scopes }),
  });
  if (reply.status !== 201) throw new Error(`making a token gave ${reply.status}`);
  return ((await reply.json()) as { token: string }).token;
}

/** One that nobody has used; whoever takes it ends it, and removes its folder. */
export async function emptyServer(): Promise<Server> {
  buildDashboard();
  const folder = await mkdtemp(join(tmpdir(), 'truepixel-dashboard-'));
  const port = await freePort();
  const env = { BASE_URL: `http://127.0.0.1:${port}` };
  return await startServer({ dataDir: join(folder, 'data'), port, env });
}

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: [...CHROMIUM_ARGUMENTS] });
}

export async function openView(
  browser: Browser,
  url: string,
  path: string,
  { theme = 'light', size = WIDE, token = TEST_TOKEN, refusals = [], ...rest }: Look = {},
): Promise<View> {
  const context = await browser.newContext({
    viewport: size,
    colorScheme: theme,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    permissions: ['clipboard-read', 'clipboard-write'],
    ...rest,
  });
  context.setDefaultTimeout(SHOWN_MS_MAX);
  const page = await context.newPage();
  const strange = await watch(page, url, refusals);
  if (token !== null) {
    // As the page itself does with a pasted token; the cookie is the context's from then on.
    const reply = await context.request.post(`${url}/v1/session`, { data: { token } });
    if (!reply.ok()) throw new Error(`signing in gave ${reply.status()}`);
  }
  await page.goto(url + path);
  return { page, strange, close: () => context.close() };
}
