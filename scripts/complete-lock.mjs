// Completes package-lock.json after `npm install`. npm leaves out an optional package (a binary for another
// platform) that a registry did not give it, and `npm ci` then refuses the whole lock file, on every
// platform.

import { readFileSync, writeFileSync } from 'node:fs';

const PATH = new URL('../package-lock.json', import.meta.url);
const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const PROCESSORS = ['arm64', 'x64', 'ia32', 'arm', 'ppc64', 'riscv64', 's390x'];

const lock = JSON.parse(readFileSync(PATH, 'utf8'));
const missing = {};
for (const entry of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const path = `node_modules/${name}`;
    if (lock.packages[path] !== undefined) continue;
    if (!/^\d/.test(version)) throw new Error(`${name}@${version}: not an exact version`);
    missing[path] = {
      version,
      ...(entry.dev && { dev: true }),
      optional: true,
      ...platformOf(name),
    };
  }
}
const byPath = ([a], [b]) => (a < b ? -1 : 1);
lock.packages = Object.fromEntries(
  Object.entries({ ...lock.packages, ...missing }).toSorted(byPath),
);
writeFileSync(PATH, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${Object.keys(missing).length} optional packages added to the lock file\n`);

/** `@oxlint/binding-linux-arm64-musl` → what its own package.json says of os, cpu and libc. */
function platformOf(name) {
  const words = name.split(/[-/]/);
  const os = SYSTEMS.filter((system) => words.includes(system));
  const cpu = PROCESSORS.filter((processor) => words.includes(processor));
  if (os.length !== 1 || cpu.length !== 1) throw new Error(`${name}: for which platform?`);
  const musl = words.some((word) => word.startsWith('musl'));
  const glibc = words.some((word) => word.startsWith('gnu'));
  if (!musl && !glibc) return { os, cpu };
  return { os, cpu, libc: [musl ? 'musl' : 'glibc'] };
}
