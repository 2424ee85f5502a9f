// Takes along what is shown, as a file: links to the server's exports, which stream however much it is.

import { useEffect, useId, useRef } from 'react';
import { addressWith, type Query } from '../api/request.ts';
import { Icon } from './icon.tsx';

interface ExportMenuProps {
  /** `/v1/export/hits` or `/v1/export/pixels`. */
  readonly path: string;
  /** What is exported: the same choice as is shown. */
  readonly query: Query;
  /** `these pixels`. */
  readonly what: string;
}

const FORMATS = [
  ['csv', 'CSV', 'for spreadsheets'],
  ['ndjson', 'NDJSON', 'a line of JSON each'],
  ['parquet', 'Parquet', 'for analysis'],
] as const;

export function ExportMenu({ path, query, what }: ExportMenuProps) {
  const menu = useClosing();
  const id = useId();
  return (
    <details className="menu" ref={menu}>
      <summary className="button plain" aria-label={`Export ${what}`}>
        <Icon name="export" />
        <span>Export</span>
      </summary>
      <ul id={id}>
        {FORMATS.map(([format, name, use]) => (
          <li key={format}>
            <a href={addressWith(path, { ...query, format })} download="">
              {name} <small>{use}</small>
            </a>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** A click elsewhere and Escape close the menu, as people are used to. */
function useClosing() {
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (event: Event): void => {
      const { current } = menu;
      if (current === null || !current.open) return;
      const isKey = event instanceof KeyboardEvent;
      if (isKey ? event.key !== 'Escape' : current.contains(event.target as Node)) return;
      current.open = false;
      if (isKey) current.querySelector('summary')?.focus();
    };
    document.addEventListener('click', close);
    document.addEventListener('keydown', close);
    return () => {
      document.removeEventListener('click', close);
      document.removeEventListener('keydown', close);
    };
  }, []);
  return menu;
}
