// Erasing a pixel: what cannot be taken back asks for the pixel's name, and then says how far it is.

import { type FormEvent, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { takeFirstFocus } from '../parts/first-focus.ts';
import { Panel } from '../parts/panel.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { Field } from '../parts/field.tsx';
import { ResultHeading } from '../parts/result-heading.tsx';
import { Link } from '../place/link.tsx';
import { navigate } from '../place/location.ts';
import { plural } from '../words.ts';
import type { Pixel } from './answers.ts';
import { useErasePixel, useErasure } from './queries.ts';

export function ErasePanel({ pixel }: { readonly pixel: Pixel }) {
  const [isOpen, setOpen] = useState(false);
  const erase = useErasePixel(pixel.code);
  // Of what is erased there is no page to come back to.
  const close = (): void => (erase.data === undefined ? setOpen(false) : navigate('/pixels'));
  return (
    <Panel title="Erase">
      <p className="hint">
        Takes the pixel and its {plural(pixel.counts.hits, 'hit')} out of the store, the journal and
        its archive, for good. Its image is still shown to whoever has the mail.
      </p>
      <p className="panel-foot">
        <Button kind="danger" aria-haspopup="dialog" onClick={() => setOpen(true)}>
          Erase this pixel …
        </Button>
      </p>
      <Dialog title="Erase this pixel for good?" isOpen={isOpen} onClose={close} isKept>
        <Erasing pixel={pixel} erase={erase} onCancel={close} />
      </Dialog>
    </Panel>
  );
}

interface ErasingProps {
  readonly pixel: Pixel;
  readonly erase: ReturnType<typeof useErasePixel>;
  readonly onCancel: () => void;
}

function Erasing({ pixel, erase, onCancel }: ErasingProps) {
  const [typed, setTyped] = useState('');
  if (erase.data !== undefined) return <Progress id={erase.data.id} />;
  const isSure = [pixel.code, pixel.label].includes(typed.trim());
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isSure && !erase.isPending) erase.mutate();
  };
  return (
    <form className="form" onSubmit={submit}>
      <p>
        The pixel, what was said about it, and {plural(pixel.counts.hits, 'hit')} go from the store,
        the journal and the archive. Nobody can bring them back. Files that were exported, and
        backups, are not reached.
      </p>
      <Field
        label={pixel.label === null ? 'Type its code' : 'Type its code or its label'}
        hint={<code>{pixel.code}</code>}
      >
        {(ids) => (
          <input
            {...ids}
            ref={takeFirstFocus}
            value={typed}
            autoComplete="off"
            spellCheck={false}
            onChange={({ target }) => setTyped(target.value)}
          />
        )}
      </Field>
      {erase.error !== null && <Trouble error={erase.error} />}
      <div className="dialog-actions">
        <Button onClick={onCancel}>Keep it</Button>
        <Button kind="danger" type="submit" disabled={!isSure || erase.isPending}>
          Erase it
        </Button>
      </div>
    </form>
  );
}

function Progress({ id }: { readonly id: string }) {
  const { data, error } = useErasure(id);
  if (error !== null) return <Trouble error={error} />;
  const isDone = data?.state === 'done';
  return (
    <div className="form" aria-live="polite">
      <ResultHeading>{isDone ? 'Erased' : 'Erasing …'}</ResultHeading>
      {data === undefined || !isDone ? (
        <p>
          {data?.obstacle ??
            'Taking it out of the store, the journal and the archive. It goes on by itself.'}
        </p>
      ) : (
        <p>
          {plural(data.removed.store_hits, 'hit')} removed from the store, and all that the journal
          had.
        </p>
      )}
      {data !== undefined && data.unreached.length > 0 && (
        <>
          <p>Left for you to remove:</p>
          <ul className="unreached">
            {data.unreached.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        </>
      )}
      <div className="dialog-actions">
        <Link to="/pixels" className="button main">
          To the other pixels
        </Link>
      </div>
    </div>
  );
}
