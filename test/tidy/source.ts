// Reads the project's source files and finds imports and exports in them. By pattern, not by parser: the
// formatter has given all files one shape, and oxlint, which does parse, checks what needs a syntax tree.

import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';

export interface Source {
  /** From the project's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Import {
  /** A path from the project's root for a file of ours, else the name as it stands. */
  readonly target: string;
  /** `await import(…)`: loaded only when it is needed. */
  readonly lazy: boolean;
  /** Erased before it runs. */
  readonly typeOnly: boolean;
  /** The exported names that are used; `*` for all of them. */
  readonly names: readonly string[];
}

export interface Export {
  readonly name: string;
  readonly typeOnly: boolean;
}

const CODE_FILES = '{src,test,bench,scripts,bin,dashboard,client,examples}/**/*.{ts,tsx,mjs,js}';
const STATIC = /^(?:import|export)\s+(type\s+)?([^'";]*?)\s*from\s+'([^']+)';/gm;
const BARE = /^import\s+'([^']+)';/gm;
const LAZY = /(?:const\s+\{([^}]*)\}\s*=\s*await\s+)?import\('([^']+)'\)(?:\)\.(\w+))?/g;
const DECLARED =
  /^export\s+(?:abstract\s+|async\s+)?(function\*?|class|const|let|interface|type)\s+(\w+)/gm;
const LISTED = /^export\s+(type\s+)?\{([^}]*)\}(?:\s+from\s+'[^']+')?;/gm;

/** `root` ends with a slash. */
export function readSources(root: string): Source[] {
  return globSync(CODE_FILES, { cwd: root })
    .filter((path) => !/node_modules|^dashboard.dist|^client.*\.d\.ts$|^src.api.page/.test(path))
    .map((path) => ({
      path: path.split('\\').join('/'),
      text: readFileSync(`${root}${path}`, 'utf8'),
    }));
}

export const isTest = (path: string): boolean =>
  path.endsWith('.test.ts') || path.startsWith('test/') || path.startsWith('bench/');

export function importsOf({ path, text }: Source): Import[] {
  const resolve = (name: string): string =>
    name.startsWith('.') ? posix.join(posix.dirname(path), name) : name;
  const found: Import[] = [];
  for (const [, type, clause = '', name = ''] of text.matchAll(STATIC)) {
    const names = namesIn(clause, text);
    const typeOnly = type !== undefined || (clause !== '' && everyNameIsType(clause));
    found.push({ target: resolve(name), lazy: false, typeOnly, names });
  }
  for (const [, name = ''] of text.matchAll(BARE)) {
    found.push({ target: resolve(name), lazy: false, typeOnly: false, names: [] });
  }
  for (const [, destructured, name = '', member] of text.matchAll(LAZY)) {
    let names = ['*'];
    if (destructured !== undefined) names = listedNames(destructured);
    else if (member !== undefined) names = [member];
    found.push({ target: resolve(name), lazy: true, typeOnly: false, names });
  }
  return found;
}

/** The names of `a, type B, C as D`, `* as v` (those that are used: `v.x`) or a default import. */
function namesIn(clause: string, text: string): string[] {
  const namespace = /\*\s+as\s+(\w+)/.exec(clause)?.[1];
  if (namespace !== undefined) {
    const uses = text.matchAll(new RegExp(`\\b${namespace}\\.(\\w+)`, 'g'));
    return [...uses].map(([, name = '']) => name);
  }
  if (clause.startsWith('*')) return ['*'];
  const listed = /\{([^}]*)\}/.exec(clause)?.[1];
  const names = listed === undefined ? [] : listedNames(listed);
  return /^\w/.test(clause) ? ['default', ...names] : names;
}

function listedNames(list: string): string[] {
  return list
    .split(',')
    .map((part) => part.trim().replace(/^type\s+/, ''))
    .map((part) => part.split(/\s+as\s+|:/)[0]?.trim() ?? '')
    .filter((name) => name !== '');
}

function everyNameIsType(clause: string): boolean {
  const listed = /^\{([^}]*)\}$/.exec(clause.trim())?.[1];
  const parts = (listed ?? '').split(',').filter((part) => part.trim() !== '');
  return parts.length > 0 && parts.every((part) => /^\s*type\s/.test(part));
}

export function exportsOf({ text }: Source): Export[] {
  const found: Export[] = [];
  for (const [, keyword = '', name = ''] of text.matchAll(DECLARED)) {
    found.push({ name, typeOnly: keyword === 'interface' || keyword === 'type' });
  }
  for (const [, type, list = ''] of text.matchAll(LISTED)) {
    for (const part of list.split(',')) {
      const name = part
        .trim()
        .split(/\s+as\s+/)
        .at(-1);
      if (name) found.push({ name, typeOnly: type !== undefined });
    }
  }
  return found;
}
