// Light or dark: as the system says, unless somebody chose here, which is remembered in this browser.

import { useSyncExternalStore } from 'react';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'truepixel:theme';
const CHANGED = 'truepixel:theme';
const systemIsDark = window.matchMedia('(prefers-color-scheme: dark)');

export function rememberedTheme(): Theme {
  try {
    const kept = window.localStorage.getItem(KEY);
    return THEMES.find((each) => each === kept) ?? 'system';
  } catch {
    // A browser may forbid to remember anything.
    return 'system';
  }
}

export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  window.dispatchEvent(new Event(CHANGED));
}

export function chooseTheme(theme: Theme): void {
  try {
    window.localStorage.setItem(KEY, theme);
  } catch {
    // It then holds until the page is closed.
  }
  applyTheme(theme);
}

const chosen = (): Theme =>
  THEMES.find((each) => each === document.documentElement.dataset['theme']) ?? 'system';

function subscribe(changed: () => void): () => void {
  window.addEventListener(CHANGED, changed);
  systemIsDark.addEventListener('change', changed);
  return () => {
    window.removeEventListener(CHANGED, changed);
    systemIsDark.removeEventListener('change', changed);
  };
}

export const useTheme = (): Theme => useSyncExternalStore(subscribe, chosen);

/** What is really shown: charts, which are drawn in colours and not in variables, follow it. */
export const useIsDark = (): boolean =>
  useSyncExternalStore(subscribe, () => {
    const theme = chosen();
    return theme === 'dark' || (theme === 'system' && systemIsDark.matches);
  });
