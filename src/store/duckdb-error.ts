// What DuckDB's errors mean. Its binding throws plain errors; the class stands at the start of the message.

import { StoreError } from './store.ts';

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether the open database is of no more use, so that the file must be opened again. */
export function isFatal(error: unknown): boolean {
  return /FATAL Error|database has been invalidated/i.test(messageOf(error));
}

/** A full disk, too little memory, two transactions at odds, a database to be opened again. */
const RETRYABLE = /^(?:IO|Out of Memory|TransactionContext|Transaction|Interrupt|FATAL) Error/i;

/** What a file says that is no store or is damaged, also under the class of a passing error. */
const DAMAGED = /not a valid DuckDB database|corrupt|checksum|replaying WAL/i;

export function storeError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const text = messageOf(error);
  const passes = RETRYABLE.test(text) && !DAMAGED.test(text);
  return new StoreError(text, passes || isFatal(error), { cause: error });
}
