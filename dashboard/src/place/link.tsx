// A link to another page of the dashboard: a real one, which opens in a new tab as any other, and takes the
// range and the time zone along.

import type { ComponentProps, MouseEvent, ReactNode } from 'react';
import { navigate, questionMark, usePlace } from './location.ts';
import { addressOf } from './root.ts';

/** Choices that hold on every page. */
const CARRIED = ['range', 'from', 'to', 'tz'];

const NOTHING: Readonly<Record<string, string>> = {};

interface LinkProps extends Omit<ComponentProps<'a'>, 'href'> {
  /** `/pixels/CODE`. */
  readonly to: string;
  /** What is chosen on the page that it leads to. */
  readonly search?: Readonly<Record<string, string>>;
  readonly children: ReactNode;
}

export function Link({ to, search = NOTHING, onClick, children, ...rest }: LinkProps) {
  const target = `${to}${useCarried(search)}`;
  const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
    onClick?.(event);
    if (!isPlain || event.altKey || event.defaultPrevented) return;
    event.preventDefault();
    navigate(target);
  };
  return (
    <a {...rest} href={addressOf(target)} onClick={follow}>
      {children}
    </a>
  );
}

function useCarried(chosen: Readonly<Record<string, string>>): string {
  const { search } = usePlace();
  const next = new URLSearchParams();
  for (const name of CARRIED) {
    const value = search.get(name);
    if (value !== null) next.set(name, value);
  }
  for (const [name, value] of Object.entries(chosen)) next.set(name, value);
  return questionMark(next);
}
