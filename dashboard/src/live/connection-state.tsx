// Whether live hits flow, in a word; what is wrong, when it is.

import { Problem } from '../api/request.ts';
import type { Connection } from './connection.ts';

const WORDS: Readonly<Record<Exclude<Connection, Problem>, string>> = {
  connecting: 'Connecting …',
  live: 'Live',
  waiting: 'Cut off, trying again …',
  resting: 'Resting while nobody looks',
};

export function ConnectionState({ state }: { readonly state: Connection }) {
  const isRefused = state instanceof Problem;
  return (
    <span className={`connection ${isRefused ? 'refused' : state}`} role="status">
      {isRefused ? `Not live: ${state.message}` : WORDS[state]}
    </span>
  );
}
