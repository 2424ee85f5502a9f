// A dialog of the browser's own kind, which keeps the focus inside, closes by Escape and gives the focus
// back. What is in it begins anew each time it opens.

// A click beside it closes it; the keyboard's way is Escape, which the browser brings.
/* oxlint-disable jsx-a11y/click-events-have-key-events */
/* oxlint-disable jsx-a11y/no-noninteractive-element-interactions */

import { type MouseEvent, type ReactNode, useEffect, useId, useRef } from 'react';
import { Icon } from './icon.tsx';

interface DialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** What is written in it is not to be lost by a click beside it. */
  readonly isKept?: boolean;
  readonly children: ReactNode;
}

export function Dialog({ title, isOpen, onClose, isKept = false, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  const closeByBackdrop = (event: MouseEvent): void => {
    if (event.target === dialog.current && !isKept) onClose();
  };
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={onClose} onClick={closeByBackdrop}>
      {isOpen && (
        <div className="dialog-body">
          <div className="dialog-head">
            <h2 id={id}>{title}</h2>
            <button type="button" className="quiet" aria-label="Close" onClick={onClose}>
              <Icon name="close" />
            </button>
          </div>
          {children}
        </div>
      )}
    </dialog>
  );
}
