// The yardstick: nginx with one worker, an empty GIF and a buffered access log of the same four fields that
// a visit log has. It answers before anything is on the disk, which is what Truepixel does not allow itself.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, get } from '../test/server.ts';
import { pathOf, SERVER_CORE } from './machine.ts';

export interface Nginx {
  readonly baseUrl: string;
  /** Of the worker, which does the work. */
  readonly pid: number;
  /** The access log grows by gigabytes otherwise. */
  emptyLog(): void;
  stop(): Promise<void>;
}

const START_MS_MAX = 5_000;

function configuration(folder: string, port: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `  ${name}_temp_path ${join(folder, name)};`)
    .join('\n');
  return `daemon off;
worker_processes 1;
pid ${join(folder, 'nginx.pid')};
error_log ${join(folder, 'error.log')};
events { worker_connections 4096; }
http {
${temporary}
  log_format four '$time_iso8601|$http_referer|$http_user_agent|$remote_addr';
  access_log ${join(folder, 'access.log')} four buffer=64k flush=1s;
  keepalive_timeout 65s;
  keepalive_requests 1000000000;
  server {
    listen 127.0.0.1:${port};
    location = /track { empty_gif; }
    location /image/ { empty_gif; }
  }
}
`;
}

/** Starts nginx in the folder, pinned to the server's core. Throws when it does not come up. */
export async function startNginx(folder: string): Promise<Nginx> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration(folder, port));
  const words = ['-c', String(SERVER_CORE), pathOf('nginx') ?? 'nginx', '-p', folder, '-c', file];
  const master = spawn('taskset', words, { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(master, 'exit');
  const baseUrl = `http://127.0.0.1:${port}`;
  const until = Date.now() + START_MS_MAX;
  while ((await get(`${baseUrl}/track`).catch(() => null))?.status !== 200) {
    if (master.exitCode !== null || Date.now() > until) {
      master.kill('SIGTERM');
      throw new Error(`nginx did not start; see ${join(folder, 'error.log')}`);
    }
    await sleep(50);
  }
  return {
    baseUrl,
    pid: childOf(master.pid ?? -1),
    emptyLog: () => truncateSync(join(folder, 'access.log')),
    stop: async () => {
      master.kill('SIGTERM');
      await ended;
    },
  };
}

function childOf(parent: number): number {
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const fields = readFileSync(`/proc/${entry}/stat`, 'latin1')
        .replace(/^.*\) /s, '')
        .split(' ');
      if (Number(fields[1]) === parent) return Number(entry);
    } catch {
      // It ended while we looked; it was not nginx's worker.
    }
  }
  throw new Error(`nginx (pid ${parent}) has no worker`);
}
