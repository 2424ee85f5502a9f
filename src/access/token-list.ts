// The file of named tokens and unused sign-in links, and the changes to it. Pure: no clock, no disk.
//
// {"version": 1,
//  "tokens": [{"id", "name", "scopes", "digest", "created_at"}],   in the order in which they were made
//  "links": [{"digest", "expires_at"}]}
//
// `digest` is token-text.ts's; times are RFC 3339. A file that is anything else is damaged, as a whole: half
// a list could leave a revoked token in force.

import { z } from 'zod';
import { SIGN_IN_LINKS_MAX, TOKEN_NAME_CHARACTERS_MAX, TOKENS_MAX } from '../limits.ts';
import { SCOPES } from './scope.ts';
import { DIGEST_FORM } from './token-text.ts';

/** Who has the installation's own token goes by this id and name. */
export const INSTALLATION = 'installation';

/** What would not be seen, or would change how its surroundings are seen. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/u;

/** A name as people give it. */
export const TokenName = z
  .string('must be text')
  .transform((name) => name.normalize('NFC'))
  .refine((name) => !UNSEEN.test(name), 'must not hold control or invisible characters')
  .refine((name) => name.trim() === name, 'must not begin or end with white space')
  .refine(
    (name) => name !== '' && Array.from(name).length <= TOKEN_NAME_CHARACTERS_MAX,
    `must have 1 to ${TOKEN_NAME_CHARACTERS_MAX} characters`,
  );

/** At least one, none twice, in their own order. */
export const TokenScopes = z
  .array(z.enum(SCOPES, `must be of ${SCOPES.join(', ')}`), 'must be a list of scopes')
  .min(1, 'must name at least one scope')
  .max(SCOPES.length, 'must name each scope once')
  .refine((scopes) => new Set(scopes).size === scopes.length, 'must name each scope once')
  .transform((scopes) => SCOPES.filter((scope) => scopes.includes(scope)));

const Digest = z.string().regex(DIGEST_FORM);
const Token = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{16}$/),
  name: TokenName,
  scopes: TokenScopes,
  digest: Digest,
  created_at: z.iso.datetime(),
});
const List = z.strictObject({
  version: z.literal(1),
  tokens: z.array(Token).max(TOKENS_MAX),
  links: z
    .array(z.strictObject({ digest: Digest, expires_at: z.iso.datetime() }))
    .max(SIGN_IN_LINKS_MAX),
});

export type TokenRow = z.output<typeof Token>;
export type TokenList = z.output<typeof List>;

/** Throws when `text` is no such file; null is an empty list. */
export function parseTokenList(text: string | null): TokenList {
  if (text === null) return { version: 1, tokens: [], links: [] };
  const parsed = List.safeParse(parseJson(text));
  // What exactly is wrong would be said in words that quote the file.
  if (!parsed.success) throw new RangeError('it is damaged');
  return parsed.data;
}

export const formatTokenList = (list: TokenList): string => `${JSON.stringify(list, null, 2)}\n`;

/** The list with `token`, or why that cannot be. */
export function withToken(list: TokenList, token: TokenRow): TokenList | 'name-taken' | 'too-many' {
  const isTaken =
    token.name === INSTALLATION || list.tokens.some(({ name }) => name === token.name);
  if (isTaken) return 'name-taken';
  if (list.tokens.length >= TOKENS_MAX) return 'too-many';
  return { ...list, tokens: [...list.tokens, token] };
}

/** Null when it has no such token. */
export function withoutToken(list: TokenList, id: string): TokenList | null {
  const tokens = list.tokens.filter((token) => token.id !== id);
  return tokens.length === list.tokens.length ? null : { ...list, tokens };
}

/** With one more sign-in link; those that have ended go, and past the bound the oldest. */
export function withLink(list: TokenList, digest: string, now: number, endsAt: number): TokenList {
  const live = list.links.filter(({ expires_at }) => Date.parse(expires_at) > now);
  const link = { digest, expires_at: new Date(endsAt).toISOString() };
  return { ...list, links: [...live, link].slice(-SIGN_IN_LINKS_MAX) };
}

/** Null when it has no such link that is still good. */
export function withoutLink(list: TokenList, digest: string, now: number): TokenList | null {
  const link = list.links.find((one) => one.digest === digest);
  if (link === undefined || Date.parse(link.expires_at) <= now) return null;
  return { ...list, links: list.links.filter((one) => one !== link) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
