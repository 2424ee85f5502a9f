// What was done, as the first thing that is read and said after it.

import { type ReactNode, useEffect, useRef } from 'react';

export function ResultHeading({ children }: { readonly children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  // The button that was pressed is gone, and the focus with it.
  useEffect(() => heading.current?.focus(), []);
  return (
    <h3 ref={heading} tabIndex={-1} className="result">
      {children}
    </h3>
  );
}
