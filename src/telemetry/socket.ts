// A unix socket's file outlives a killed process and then stands in its successor's way; it is removed only
// after a connection has shown that nobody answers there any more.

import { unlink } from 'node:fs/promises';
import { connect } from 'node:net';

/** Makes `path` free to listen on. Throws when somebody answers there: two processes, one name. */
export async function clearStaleSocket(path: string): Promise<void> {
  const code = await new Promise<string>((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve('alive');
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
  if (code === 'ENOENT') return;
  if (code !== 'ECONNREFUSED' && code !== 'ENOTSOCK') {
    throw new Error(`${path} is in use by a running process (${code})`);
  }
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
