// What a token may do. Three words that people can tell apart, not one per route: whoever reads reports,
// whoever mints pixels, and whoever runs the server.

/** `admin` implies the others; neither `read` nor `mint` implies the other. */
export const SCOPES = ['read', 'mint', 'admin'] as const;

export type Scope = (typeof SCOPES)[number];

/** Whether somebody with the scopes `held` may do what `needed` stands for. */
export function allows(held: readonly Scope[], needed: Scope): boolean {
  return held.includes('admin') || held.includes(needed);
}
