// The house style as rules: each takes the sources and returns complaints, none when all is well.

import { posix } from 'node:path';

import {
  ADAPTERS,
  BANS,
  COMPOSITION_ROOT,
  LAYERS,
  LONG_LISTS,
  TEST_ONLY_EXPORTS,
} from './layers.ts';
import { exportsOf, type Import, importsOf, isTest, type Source } from './source.ts';

export type Rule = (sources: readonly Source[]) => string[];

const FILE_LINES_MAX = 400;
const LINE_COLUMNS_MAX = 110;
const DRAWER = /^(utils?|helpers?|common|misc|managers?|handlers?|types)$/i;
const DRAWER_NAME =
  /\b(?:class|interface|type|function|const|let)\s+(\w*(?:Utils?|Helpers?|Manager|Handler))\b/g;

export const filesAreShort: Rule = (sources) =>
  sources
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    .filter(({ path, lines }) => lines > FILE_LINES_MAX && !Object.hasOwn(LONG_LISTS, path))
    .map(({ path, lines }) => `${path} has ${lines} lines, over ${FILE_LINES_MAX}`);

export const linesAreShort: Rule = (sources) =>
  sources.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => {
      const columns = Array.from(line).length;
      if (columns <= LINE_COLUMNS_MAX) return [];
      return [`${path}:${index + 1} has ${columns} columns, over ${LINE_COLUMNS_MAX}`];
    }),
  );

export const filesSayWhy: Rule = (sources) =>
  sources
    .filter(({ text }) => !/^(#![^\n]*\n)?(\/\/|\/\*)/.test(text))
    .map(({ path }) => `${path} does not open with a comment on why it exists`);

export const namesSayWhat: Rule = (sources) =>
  sources.flatMap(({ path, text }) => {
    const words = path.split(/[/.-]/).filter((word) => DRAWER.test(word));
    const names = [...text.matchAll(DRAWER_NAME)].map(([, name = '']) => name);
    return [...words, ...names].map((name) => `${path}: the name ${name} says nothing`);
  });

export const nothingIsABarrel: Rule = (sources) =>
  sources
    .filter(
      ({ path, text }) =>
        /(^|\/)index\.\w+$/.test(path) || /^export\b[^;'"]*\bfrom\s+'/m.test(text),
    )
    .map(({ path }) => `${path} is a barrel: import from where a thing is`);

/** A test may know anybody; what it tests may not. */
const isCore = ({ path }: Source): boolean => path.startsWith('src/') && !isTest(path);

/** What a browser gets. */
const isDashboard = ({ path }: Source): boolean =>
  path.startsWith('dashboard/src/') && !isTest(path);

const isShipped = (source: Source): boolean => isCore(source) || isDashboard(source);

export const importsGoDown: Rule = (sources) =>
  sources.filter(isCore).flatMap((source) => {
    const own = layerOf(source.path);
    if (own === null) return [`${source.path} is in no layer`];
    return importsOf(source).flatMap(({ target }) => {
      if (!isOurs(target)) return [];
      const layer = layerOf(target);
      if (layer !== null && layer <= own) return [];
      return [`${source.path} imports ${target}, which is no layer below its own`];
    });
  });

const isOurs = (target: string): boolean => /^(src|test|bench|scripts|dashboard)\//.test(target);

/** How high a file of src/ stands; null for a file outside all layers. Declarations import nothing. */
function layerOf(path: string): number | null {
  if (path.endsWith('.d.ts')) return 0;
  const [root, layer = ''] = path.split('/');
  const height = (LAYERS as readonly string[]).indexOf(layer);
  return root === 'src' && height >= 0 ? height : null;
}

export const bansHold: Rule = (sources) =>
  sources.filter(isShipped).flatMap((source) =>
    BANS.filter(({ from }) => source.path.startsWith(from)).flatMap(({ banned, reason }) =>
      importsOf(source)
        .filter(({ target }) => banned.some((start) => isOrStarts(target, start)))
        .map(({ target }) => `${source.path} imports ${target}: ${reason}`),
    ),
  );

const isOrStarts = (target: string, start: string): boolean =>
  target === start || target.startsWith(start.endsWith('/') ? start : `${start}/`);

export const vendorsStayOutside: Rule = (sources) =>
  sources.filter(isCore).flatMap((source) =>
    ADAPTERS.flatMap(({ files, packages }) => {
      if (source.path.startsWith(files)) return [];
      const isLazy = (one: Import): boolean =>
        source.path.startsWith(COMPOSITION_ROOT) && (one.lazy || one.typeOnly);
      return importsOf(source)
        .filter((one) => one.target.startsWith(packages) || one.target.startsWith(files))
        .filter((one) => !isLazy(one))
        .map(({ target }) => `${source.path} imports ${target}: only commands do, and lazily`);
    }),
  );

/** A type that another export of its file mentions belongs to that one's signature and is in use. */
export const exportsAreUsed: Rule = (sources) => {
  const users = sources.filter(({ path }) => !isTest(path));
  const used = new Set(
    users.flatMap((source) =>
      importsOf(source).flatMap(({ target, names }) => names.map((name) => `${target}#${name}`)),
    ),
  );
  return sources.filter(isShipped).flatMap((source) =>
    exportsOf(source)
      .filter(({ name, typeOnly }) => {
        const key = `${source.path}#${name}`;
        if (used.has(key) || used.has(`${source.path}#*`)) return false;
        if (Object.hasOwn(TEST_ONLY_EXPORTS, key)) return false;
        return !(typeOnly && mentions(source.text, name) > 1);
      })
      .map(({ name }) => `${source.path} exports ${name}, which nothing else uses`),
  );
};

function mentions(text: string, name: string): number {
  const code = text.replaceAll(/\/\*[^]*?\*\/|\/\/[^\n]*/g, '');
  return [...code.matchAll(new RegExp(`\\b${name}\\b`, 'g'))].length;
}

/** The allow list must not outlive what it allows. */
export const exceptionsAreNeeded: Rule = (sources) =>
  Object.keys(TEST_ONLY_EXPORTS)
    .filter((key) => {
      const [path, name] = key.split('#');
      const source = sources.find((one) => one.path === path);
      return source === undefined || !exportsOf(source).some((one) => one.name === name);
    })
    .map((key) => `TEST_ONLY_EXPORTS allows ${key}, which is not there`);

const NUMBERED = /^(?:#+\s*|[-*]\s*)?\**I?(\d+)\b[.:*]/;
const NAMED_TEST = /`((?:src|test)\/[\w./-]+)`(?:,|:)?\s*[“"]([^”"]+)[”"]/g;

/**
 * Each numbered invariant of the page names a test as `` `src/x.test.ts` “its title” ``, and each such test
 * is there under that title.
 */
export function invariantsAreTested(page: string, sources: readonly Source[]): string[] {
  const complaints: string[] = [];
  const text = page.replaceAll(/[ \t]*\n[ \t]+/g, ' ');
  for (const [, path = '', title = ''] of text.matchAll(NAMED_TEST)) {
    const source = sources.find((one) => one.path === path);
    if (source === undefined) complaints.push(`invariants name ${path}, which is not there`);
    else if (!plain(source.text).includes(plain(title))) {
      complaints.push(`invariants name “${title}”, which is not in ${path}`);
    }
  }
  for (const part of sectionsOf(text)) {
    if (!part.text.matchAll(NAMED_TEST).next().value) {
      complaints.push(`invariant ${part.number} names no test`);
    }
  }
  return complaints;
}

/** Quotation marks may be written in several ways, in Markdown and in TypeScript. */
const plain = (text: string): string => text.replaceAll(/[\\'"`’‘“”]/g, '');

function sectionsOf(page: string): { number: string; text: string }[] {
  const sections: { number: string; text: string }[] = [];
  for (const line of page.split('\n')) {
    const number = NUMBERED.exec(line)?.[1];
    if (number !== undefined) sections.push({ number, text: '' });
    const last = sections.at(-1);
    if (last !== undefined) last.text += `${line}\n`;
  }
  return sections;
}

/** `npm ci` refuses a lock file that lacks an optional package; scripts/complete-lock.mjs mends it. */
export function lockIsComplete(lock: {
  readonly packages: Readonly<
    Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>
  >;
}): string[] {
  return Object.values(lock.packages)
    .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
    .filter((name) => lock.packages[posix.join('node_modules', name)] === undefined)
    .map((name) => `package-lock.json lacks ${name}: run npm run lock`);
}
