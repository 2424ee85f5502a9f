// The pages: one row each, with its address and what it is called. Each is loaded when it is first shown.

import { type ComponentType, lazy, type LazyExoticComponent } from 'react';
import type { Scope } from './api/answers.ts';
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
  /** Who has not got it is not shown the way there. */
  readonly scope?: Scope;
  /** What of the pickers makes sense on it: range and time zone, the zone alone, or neither. */
  readonly time: 'range' | 'zone' | null;
  readonly Page: LazyExoticComponent<ComponentType<PageProps>>;
  /** Begins to load it before it is shown. */
  readonly load: () => Promise<unknown>;
}

type Load = () => Promise<{ default: ComponentType<PageProps> }>;

const onDemand = (load: Load): Pick<PageEntry, 'Page' | 'load'> => ({ Page: lazy(load), load });

/** In the order of the navigation. */
export const PAGES: readonly PageEntry[] = [
  {
    path: '/',
    title: 'Overview',
    icon: 'overview',
    time: 'range',
    ...onDemand(() => import('./pages/overview.tsx')),
  },
  {
    path: '/pixels',
    title: 'Pixels',
    icon: 'pixels',
    time: 'zone',
    ...onDemand(() => import('./pages/pixels.tsx')),
  },
  {
    path: '/pixels/:code',
    title: 'Pixel',
    under: '/pixels',
    time: 'zone',
    ...onDemand(() => import('./pages/pixel.tsx')),
  },
  {
    path: '/visits',
    title: 'Visits',
    icon: 'visits',
    time: 'range',
    ...onDemand(() => import('./pages/visits.tsx')),
  },
  {
    path: '/campaigns',
    title: 'Campaigns',
    icon: 'campaigns',
    time: 'range',
    ...onDemand(() => import('./pages/campaigns.tsx')),
  },
  {
    path: '/live',
    title: 'Live',
    icon: 'live',
    time: 'zone',
    ...onDemand(() => import('./pages/live.tsx')),
  },
  {
    path: '/tokens',
    title: 'Tokens',
    icon: 'tokens',
    scope: 'admin',
    time: 'zone',
    ...onDemand(() => import('./pages/tokens.tsx')),
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
