// One button that goes through the three themes; its name says which one is on.

import { Icon } from '../parts/icon.tsx';
import { chooseTheme, type Theme, THEMES, useTheme } from './theme.ts';

const NAMES: Readonly<Record<Theme, string>> = {
  system: 'Theme: as the system',
  light: 'Theme: light',
  dark: 'Theme: dark',
};

export function ThemeSwitch() {
  const theme = useTheme();
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
  return (
    <button type="button" className="quiet theme" onClick={() => chooseTheme(next)}>
      <Icon name={theme} />
      <span>{NAMES[theme]}</span>
    </button>
  );
}
