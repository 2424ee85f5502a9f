// The pages: one row each, with its address and what it is called. Each is loaded when it is first shown.

import { type ComponentType, lazy, type LazyExoticComponent } from 'react';
import type { IconName } from './parts/icon.tsx';

export interface PageProps {
  /** What the address has in the places of `:names`. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface PageEntry {
  /** `/pixels/:code`; the server must know it too (src/api/dashboard.ts). */
  readonly path: string;
  readonly title: string;
  /** In the navigation, unless it is reached from another page only. */
  readonly icon?: IconName;
  /** The path of the page in the navigation that it belongs to. */
  readonly under?: string;
  /** Whether range and time zone make sense on it. */
  readonly hasRange: boolean;
  readonly Page: LazyExoticComponent<ComponentType<PageProps>>;
}

/** In the order of the navigation. */
export const PAGES: readonly PageEntry[] = [
  {
    path: '/',
    title: 'Overview',
    icon: 'overview',
    hasRange: true,
    Page: lazy(() => import('./pages/overview.tsx')),
  },
  {
    path: '/visits',
    title: 'Visits',
    icon: 'visits',
    hasRange: true,
    Page: lazy(() => import('./pages/visits.tsx')),
  },
  {
    path: '/campaigns',
    title: 'Campaigns',
    icon: 'campaigns',
    hasRange: true,
    Page: lazy(() => import('./pages/campaigns.tsx')),
  },
];

export interface FoundPage {
  readonly entry: PageEntry;
  readonly parameters: PageProps['parameters'];
}

export function findPage(path: string): FoundPage | null {
  const parts = path.split('/');
  for (const entry of PAGES) {
    const wanted = entry.path.split('/');
    if (wanted.length !== parts.length) continue;
    const parameters: Record<string, string> = {};
    const fits = wanted.every((part, i) => {
      const given = decode(parts[i] ?? '');
      if (!part.startsWith(':')) return part === given;
      parameters[part.slice(1)] = given;
      return given !== '';
    });
    if (fits) return { entry, parameters };
  }
  return null;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
