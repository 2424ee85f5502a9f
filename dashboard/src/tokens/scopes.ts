// What the scopes of a token allow, in words.

import type { Scope } from '../api/answers.ts';

export const SCOPES: readonly Scope[] = ['read', 'mint', 'admin'];

export const SCOPE_WORDS: Readonly<Record<Scope, string>> = {
  read: 'See everything: reports, hits, exports, recipients',
  mint: 'Mint pixels and change what is said about them',
  admin: 'Everything, also erase, “that was me”, and tokens',
};
