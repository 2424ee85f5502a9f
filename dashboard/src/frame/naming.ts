// A page that is about one thing says what it is called, in place of the name of its kind.

import { createContext, useContext, useEffect } from 'react';

export const Naming = createContext<(name: string | null) => void>(() => {});

/** As long as the page is shown; null: not known yet. */
export function useName(name: string | null): void {
  const say = useContext(Naming);
  useEffect(() => {
    say(name);
    return () => say(null);
  }, [say, name]);
}
