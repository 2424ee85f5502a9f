// A server that speaks PostgreSQL's wire protocol and is no QuestDB: it lets everybody in, answers
// `SELECT 1`, knows no function of QuestDB's, and remembers what it was asked, so that a test can see
// that it was asked nothing more.

import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface NotQuestdb {
  readonly port: number;
  readonly statements: readonly string[];
  close(): void;
}

export async function startNotQuestdb(): Promise<NotQuestdb> {
  const statements: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let started = false;
    let rest = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      rest = Buffer.concat([rest, bytes]);
      for (;;) {
        // A message is its kind (none for the first), its length and its body.
        const head = started ? 1 : 0;
        const length = rest.length >= head + 4 ? rest.readUInt32BE(head) + head : Infinity;
        if (rest.length < length) return;
        const body = rest.subarray(head + 4, length);
        const kind = started ? String.fromCharCode(rest[0] ?? 0) : 'start';
        rest = rest.subarray(length);
        started = true;
        answer(socket, kind, body, statements);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port, statements, close };
}

const READY = message('Z', Buffer.from('I'));

function answer(socket: Socket, kind: string, body: Buffer, statements: string[]): void {
  if (kind === 'start') {
    socket.write(Buffer.concat([message('R', Buffer.alloc(4)), READY]));
  } else if (kind === 'Q') {
    const sql = body.toString('utf8').replace(/\0$/, '');
    statements.push(sql);
    const result = sql === 'SELECT 1' ? message('C', text('SELECT 0')) : unknownFunction();
    socket.write(Buffer.concat([result, READY]));
  } else if (kind === 'X') {
    socket.end();
  }
}

function unknownFunction(): Buffer {
  const fields = ['SERROR', 'C42883', 'Mfunction build() does not exist'];
  return message('E', Buffer.concat([...fields.map(text), Buffer.alloc(1)]));
}

const text = (value: string): Buffer => Buffer.from(`${value}\0`);

function message(kind: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5, kind);
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
