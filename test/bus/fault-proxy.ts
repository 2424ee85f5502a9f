// Stands in front of an emulator and does to its traffic what networks and services do: not answer,
// answer late, refuse some entries of a batch, lose an answer after the work was done.

import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Chance } from '../torture/random.ts';

export interface Faults {
  /** Connections are cut before anything is answered. */
  readonly down?: boolean;
  /** Added to each answer. */
  readonly delayMs?: number;
  /** Share of the entries of a PublishBatch that are refused, each by itself. */
  readonly refused?: number;
  /** Share of the requests that are carried out and whose answer is lost. */
  readonly unheard?: number;
}

export class FaultProxy {
  /** What happens to each request that comes from now on. */
  faults: Faults = {};
  readonly counts = { requests: 0, cut: 0, refusedEntries: 0, unheard: 0 };
  readonly #target: string;
  readonly #chance: Chance;
  readonly #server = createServer((message, response) => void this.#serve(message, response));

  constructor(target: string, seed: number) {
    this.#target = target;
    this.#chance = new Chance(seed);
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    this.counts.requests++;
    const { down, delayMs = 0, refused = 0, unheard = 0 } = this.faults;
    if (down === true) {
      this.counts.cut++;
      message.socket.destroy();
      return;
    }
    try {
      const body = await bodyOf(message);
      const { kept, refusedIds } = this.#refuse(body, refused);
      const answer = await this.#forward(message, kept, response);
      if (answer === null) return;
      await sleep(delayMs);
      if (this.#chance.next() < unheard) {
        this.counts.unheard++;
        message.socket.destroy();
        return;
      }
      this.counts.refusedEntries += refusedIds.length;
      const text = refusedIds.length === 0 ? answer.body : withFailures(answer.body, refusedIds);
      response.writeHead(answer.status, { ...answer.headers, 'content-length': text.length });
      response.end(text);
    } catch {
      message.socket.destroy();
    }
  }

  /** Takes entries out of a PublishBatch; at least one stays, as SNS accepts no empty batch. */
  #refuse(body: Buffer, share: number): { kept: Buffer; refusedIds: string[] } {
    if (share === 0 || !body.includes('Action=PublishBatch')) return { kept: body, refusedIds: [] };
    const parameters = new URLSearchParams(body.toString());
    const prefixes = [...parameters.keys()]
      .map((key) => /^(PublishBatchRequestEntries\.member\.\d+\.)Id$/.exec(key)?.[1])
      .filter((prefix) => prefix !== undefined);
    const refused = prefixes.slice(1).filter(() => this.#chance.next() < share);
    const refusedIds = refused.map((prefix) => parameters.get(`${prefix}Id`) ?? '');
    for (const key of Array.from(parameters.keys())) {
      if (refused.some((prefix) => key.startsWith(prefix))) parameters.delete(key);
    }
    return { kept: Buffer.from(parameters.toString()), refusedIds };
  }

  /** Null when the client went away. */
  #forward(
    message: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
  ): Promise<{ status: number; headers: Record<string, string>; body: Buffer } | null> {
    return new Promise((resolve, reject) => {
      const headers = { ...message.headers, 'content-length': String(body.length) };
      const { method, url } = message;
      const forwarded = request(this.#target + (url ?? '/'), { method, headers }, (answer) => {
        bodyOf(answer).then((bytes) => {
          const { 'content-length': _, 'transfer-encoding': __, ...rest } = answer.headers;
          resolve({
            status: answer.statusCode ?? 502,
            headers: rest as Record<string, string>,
            body: bytes,
          });
        }, reject);
      });
      forwarded.on('error', reject);
      response.on('close', () => {
        if (response.writableFinished) return;
        forwarded.destroy();
        resolve(null);
      });
      forwarded.end(body);
    });
  }
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function withFailures(xml: Buffer, ids: readonly string[]): Buffer {
  const members = ids.map(
    (id) =>
      `<member><Id>${id}</Id><Code>InternalFailure</Code><Message>by the test</Message>` +
      '<SenderFault>false</SenderFault></member>',
  );
  const text = xml.toString().replace(/<Failed\s*\/>/, '<Failed></Failed>');
  return Buffer.from(text.replace('</Failed>', `${members.join('')}</Failed>`));
}
