// The small square by which a count is known everywhere, in lists and in charts: a colour and a pattern,
// so that nobody has to tell colours apart.

import type { Colour } from './colours.ts';

export type Pattern = 'full' | 'ring' | 'stripes' | 'dots';

export interface Look {
  readonly colour: Colour;
  readonly pattern: Pattern;
}

const MARKS: Readonly<Record<Pattern, string>> = {
  full: 'M0 0h12v12H0z',
  ring: 'M0 0h12v12H0zM2.5 2.5v7h7v-7zM4.5 4.5h3v3h-3z',
  stripes: 'M0 0h2.5L0 2.5zM5.5 0h3L0 8.5v-3zM11.5 0h.5v2.5L2.5 12H0v-.5zM12 5.5v3L8.5 12h-3z',
  dots: 'M0 0h3v3H0zM4.5 0h3v3h-3zM9 0h3v3H9zM0 4.5h3v3H0zM9 4.5h3v3H9zM0 9h3v3H0zM4.5 9h3v3h-3zM9 9h3v3H9z',
};

export function Swatch({ look }: { readonly look: Look }) {
  return (
    <svg className={`swatch ink-${look.colour}`} viewBox="0 0 12 12" aria-hidden="true">
      <path fillRule="evenodd" d={MARKS[look.pattern]} />
    </svg>
  );
}
