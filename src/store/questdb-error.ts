// What the errors of QuestDB and of its two clients mean, in one sentence for an operator and never with
// a password.

import pg from 'pg';
import { StoreError } from './store.ts';

/** Errors of the server that waiting does not mend: rights, and tables that are not as they should be. */
const LASTING =
  /username\/password|password auth|permission denied|does not exist|invalid column|read.?only/i;

const MEANING: readonly (readonly [RegExp, string])[] = [
  [/invalid username\/password|password authentication/i, 'it refuses the user or the password'],
  [/permission denied|read.?only/i, 'it does not let this user write'],
  [/due to connection timeout/i, 'nothing there answers as the PostgreSQL port does (8812)'],
];

/** A {@link StoreError} for whatever a client of QuestDB threw. */
export function questdbError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const text = messageOf(error);
  const meaning = MEANING.find(([pattern]) => pattern.test(text))?.[1];
  const reason = meaning === undefined ? text : `${meaning} (${text})`;
  // Whatever is no answer of the server's is a matter of the network, or of a server that comes back.
  const answered = error instanceof pg.DatabaseError;
  const message = answered ? `QuestDB failed: ${reason}` : `QuestDB cannot be reached: ${reason}`;
  return new StoreError(message, !(answered && LASTING.test(text)), { cause: error });
}

/** Whether the server answered at all, if only with an error. */
export function isAnswer(error: unknown): boolean {
  return error instanceof StoreError && error.cause instanceof pg.DatabaseError;
}

function messageOf(error: unknown): string {
  // Several addresses were tried, each with an error of its own.
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(messageOf).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}
