// Where the dashboard is: a proxy may have put it under a path that neither the server nor the build knows,
// but every script lies in the folder `assets` below it.

const script = import.meta.url;

/** Ends with a slash. */
export const ROOT = new URL(import.meta.env.DEV ? '/' : '../', script);

/** The address of a path of ours, `/pixels?range=7d` or `/v1/session`, on this very server. */
export function addressOf(path: string): string {
  const { pathname, search } = new URL(`.${path}`, ROOT);
  return pathname + search;
}
