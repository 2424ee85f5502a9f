// The installation's two secrets: the API's token and the key under which codes authenticate themselves.
// Whichever process needs one first creates it; a file appears whole or not at all, so that racing
// processes agree.

import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';

import type { Config } from './config.ts';
import { ensureDataDir } from './data-dir.ts';
import { Failure } from './failure.ts';
import { secretsDir } from './paths.ts';

/** 32 bytes as base64url: 256 bits, more than anybody can guess. */
const SECRET_BYTES = 32;
export const KEPT_FORM = /^[A-Za-z0-9_-]{43}$/;

export interface Secrets {
  readonly apiToken: string;
  readonly codeSecret: Buffer;
  /** Whether this call created the token: the one moment at which it may be shown. */
  readonly apiTokenCreated: boolean;
}

/** Where a generated token lies. */
export const apiTokenPath = (dataDir: string): string => join(secretsDir(dataDir), 'api-token');
const codeSecretPath = (dataDir: string): string => join(secretsDir(dataDir), 'code-secret');

/** Those that the operator gave, else those kept in DATA_DIR, else new ones. Throws {@link Failure}. */
export async function loadSecrets(config: Config): Promise<Secrets> {
  await ensureDataDir(config.dataDir);
  await mkdir(secretsDir(config.dataDir), { recursive: true, mode: 0o700 });
  const token =
    config.apiToken === null
      ? await keptSecret(apiTokenPath(config.dataDir))
      : { text: config.apiToken, created: false };
  const code =
    config.codeSecret === null
      ? (await keptSecret(codeSecretPath(config.dataDir))).text
      : config.codeSecret;
  return {
    apiToken: token.text,
    codeSecret: Buffer.from(code),
    apiTokenCreated: token.created,
  };
}

async function keptSecret(path: string): Promise<{ text: string; created: boolean }> {
  const created = !(await exists(path)) && (await createSecret(path));
  const text = (await readFile(path, 'utf8')).trim();
  // A new secret in place of a damaged one would disown every pixel that was ever minted.
  if (!KEPT_FORM.test(text)) {
    throw new Failure(`${path} is damaged: restore it from a backup, or remove it for a new one`);
  }
  return { text, created };
}

async function exists(path: string): Promise<boolean> {
  return readFile(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw new Failure(`${path} cannot be read (${error.code})`);
    },
  );
}

/** False when another process was first. */
export async function createSecret(path: string): Promise<boolean> {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(SECRET_BYTES).toString('base64url')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    // Unlike rename, link never replaces what another process put there meanwhile.
    await link(draft, path);
    await syncFolderOf(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(draft);
  }
}

/** The name too must outlive a power cut: pixels minted under a lost secret would never be known again. */
async function syncFolderOf(path: string): Promise<void> {
  const folder = await open(join(path, '..'), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
