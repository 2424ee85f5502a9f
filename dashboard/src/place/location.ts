// The address bar as state: which page is shown, and what was chosen on it. A router of a few lines over
// the History API, since the dashboard has a handful of pages and no nested ones.

import { useMemo, useSyncExternalStore } from 'react';
import { addressOf, ROOT } from './root.ts';

export interface Place {
  /** `/pixels/CODE`: below the dashboard's own root, decoded part by part where it is matched. */
  readonly path: string;
  readonly search: URLSearchParams;
}

/** Of our own moves; the browser's are `popstate`. */
const MOVED = 'truepixel:moved';

function subscribe(changed: () => void): () => void {
  window.addEventListener('popstate', changed);
  window.addEventListener(MOVED, changed);
  return () => {
    window.removeEventListener('popstate', changed);
    window.removeEventListener(MOVED, changed);
  };
}

/** Below the dashboard's own root. */
export const pathNow = (): string => `/${window.location.pathname.slice(ROOT.pathname.length)}`;
const searchNow = (): string => window.location.search;

export function usePlace(): Place {
  const path = useSyncExternalStore(subscribe, pathNow);
  const search = useSyncExternalStore(subscribe, searchNow);
  return useMemo(() => ({ path, search: new URLSearchParams(search) }), [path, search]);
}

/** Goes to `/visits?range=7d`; `replace` for what is no step that anybody would go back by. */
export function navigate(to: string, how: 'push' | 'replace' = 'push'): void {
  const url = addressOf(to);
  if (how === 'replace') window.history.replaceState(null, '', url);
  else window.history.pushState(null, '', url);
  window.dispatchEvent(new Event(MOVED));
}

/**
 * Changes what was chosen on this page and stays on it: null takes a choice away, a list gives one several
 * values.
 */
export function choose(
  changes: Readonly<Record<string, string | readonly string[] | null>>,
  how: 'push' | 'replace' = 'push',
): void {
  const search = new URLSearchParams(searchNow());
  for (const [name, value] of Object.entries(changes)) {
    search.delete(name);
    for (const each of [value ?? []].flat()) search.append(name, each);
  }
  navigate(`${pathNow()}${questionMark(search)}`, how);
}

/** `?a=b`, or nothing at all. */
export const questionMark = (search: URLSearchParams): string =>
  search.size === 0 ? '' : `?${search.toString()}`;
