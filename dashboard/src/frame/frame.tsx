// The frame around every page: navigation, the page's heading with its range and zone, and who is signed
// in.

import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useMay } from '../api/session.ts';
import { MintButton } from '../mint/mint-button.tsx';
import { MintHost } from '../mint/mint-host.tsx';
import type { PageEntry } from '../pages.ts';
import { PAGES } from '../pages.ts';
import { Icon } from '../parts/icon.tsx';
import { Mark } from '../parts/mark.tsx';
import { Sent } from '../parts/sent.tsx';
import { Link } from '../place/link.tsx';
import { usePlace } from '../place/location.ts';
import { Account } from './account.tsx';
import { Naming } from './naming.ts';
import { Outage } from './outage.tsx';
import { RangePicker } from './range-picker.tsx';
import { ThemeSwitch } from './theme-switch.tsx';
import { ZonePicker } from './zone-picker.tsx';

interface FrameProps {
  readonly title: string;
  readonly entry: PageEntry | null;
  readonly children: ReactNode;
}

export function Frame({ title, entry, children }: FrameProps) {
  const [name, setName] = useState<string | null>(null);
  const heading = useArrival(name ?? title);
  return (
    <div className="frame">
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <header className="side">
        <Link to="/" className="brand" aria-label="Truepixel, to the overview">
          <Mark />
          <span>Truepixel</span>
        </Link>
        <MintButton />
        <Navigation entry={entry} />
        <div className="side-foot">
          <ThemeSwitch />
          <Account />
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        <div className="page-head">
          <h1 ref={heading} tabIndex={-1}>
            <Sent text={name ?? title} />
          </h1>
          {entry !== null && entry.time !== null && (
            <div className="page-range">
              {entry.time === 'range' && <RangePicker />}
              <ZonePicker />
            </div>
          )}
        </div>
        <Outage />
        <Naming value={setName}>{children}</Naming>
      </main>
      <MintHost />
    </div>
  );
}

function Navigation({ entry }: { readonly entry: PageEntry | null }) {
  const here = entry?.under ?? entry?.path;
  const isAdmin = useMay('admin');
  return (
    <nav className="pages" aria-label="Pages">
      <ul>
        {PAGES.map(({ path, title, icon, scope }) =>
          icon === undefined || (scope === 'admin' && !isAdmin) ? null : (
            <li key={path}>
              <Link to={path} aria-current={path === here ? 'page' : undefined}>
                <Icon name={icon} />
                <span>{title}</span>
              </Link>
            </li>
          ),
        )}
      </ul>
    </nav>
  );
}

/**
 * Another page begins at its top, with the heading in focus; the first one leaves the focus where it is.
 */
function useArrival(title: string) {
  const heading = useRef<HTMLHeadingElement>(null);
  const arrivedAt = useRef<string>(null);
  const { path } = usePlace();
  useEffect(() => {
    document.title = `${title} · Truepixel`;
    if (arrivedAt.current !== null && arrivedAt.current !== path) {
      window.scrollTo(0, 0);
      heading.current?.focus({ preventScroll: true });
    }
    arrivedAt.current = path;
  }, [title, path]);
  return heading;
}
