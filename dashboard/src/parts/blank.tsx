// Where there is nothing yet: says so, and what to do next.

import type { ReactNode } from 'react';

const GRID =
  'M0 0h1v1H0zM2 0h1v1H2zM4 0h1v1H4zM6 0h1v1H6zM1 1h1v1H1zM5 1h1v1H5z' +
  'M0 2h1v1H0zM2 2h1v1H2zM4 2h1v1H4zM6 2h1v1H6z';

export function Blank({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ReactNode;
}) {
  return (
    <div className="blank">
      <svg className="blank-art" viewBox="0 0 7 3" aria-hidden="true">
        <path d={GRID} />
        <path className="blank-pixel" d="M3 1h1v1H3z" />
      </svg>
      <p className="blank-title">{title}</p>
      {children}
    </div>
  );
}
