// The style sheet's colours for what is drawn and not styled: they are read from it, so that each stands
// in one place only.

import { useMemo } from 'react';
import { useIsDark } from '../frame/theme.ts';

export type Colour =
  | 'text'
  | 'soft'
  | 'line'
  | 'edge'
  | 'sunken'
  | 'raised'
  | 'ground'
  | 'accent'
  | 'accent-wash'
  | 'opens'
  | 'unique'
  | 'unverified'
  | 'machine'
  | 'repeats'
  | 'ignored';

export type Colours = (name: Colour) => string;

/** As they are now: light or dark. */
export function useColours(): Colours {
  const isDark = useIsDark();
  return useMemo(() => {
    const read = new Map<Colour, string>();
    return (name) => {
      const colour = read.get(name) ?? readColour(name);
      read.set(name, colour);
      return colour;
    };
    // The colours themselves are in the style sheet.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [isDark]);
}

/** A variable holds `light-dark(…)`; only an element knows what that comes to. */
function readColour(name: Colour): string {
  const probe = document.createElement('i');
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const { color } = window.getComputedStyle(probe);
  probe.remove();
  return color;
}
