// How the collector answers what is no image: a body, its type and length, and problem documents for errors.

import type { ServerResponse } from 'node:http';
import { problem, PROBLEM_TYPE } from '../telemetry/problem.ts';

type Headers = Readonly<Record<string, string>>;

/** Sends a whole answer. To HEAD, Node sends the same without the body. */
export function answer(
  response: ServerResponse,
  status: number,
  type: string,
  body: string,
  headers: Headers = {},
): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  });
  response.end(body);
}

export function answerProblem(
  response: ServerResponse,
  status: number,
  detail: string,
  headers: Headers = {},
): void {
  answer(response, status, PROBLEM_TYPE, JSON.stringify(problem(status, detail)), headers);
}

export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  answer(response, status, 'application/json', JSON.stringify(body));
}
