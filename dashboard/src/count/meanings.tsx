// What the counts mean, a click away from wherever they stand.

import { useState } from 'react';
import type { Kind } from '../api/statistics.ts';
import { Swatch } from '../chart/swatch.tsx';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { COUNT_NAMES } from './names.ts';

export function Meanings({ kind }: { readonly kind: Kind }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button kind="quiet" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        What do these count?
      </Button>
      <Dialog title="How hits are counted" isOpen={isOpen} onClose={() => setOpen(false)}>
        <p>
          Every hit is kept, and counted as exactly one of these; unique stands beside. They are
          never added up: only {kind === 'opens' ? 'opens' : 'visits'} are people, as far as can be
          known.
        </p>
        <dl className="meanings">
          {COUNT_NAMES.map(({ id, look, name, meaning }) => (
            <div key={id}>
              <dt>
                <Swatch look={look} /> {name[kind]}
              </dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
        <p className="hint">
          More in <code>docs/counting.md</code> and <code>docs/verdicts.md</code>.
        </p>
      </Dialog>
    </>
  );
}
