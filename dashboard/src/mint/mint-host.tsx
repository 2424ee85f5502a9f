// The one place of the dialog that mints; what is in it is loaded when it is first opened.

import { lazy, Suspense } from 'react';
import { Dialog } from '../parts/dialog.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { setMinting, useIsMinting } from './opening.ts';

const Minting = lazy(() => import('./minting.tsx'));

export function MintHost() {
  const isOpen = useIsMinting();
  return (
    <Dialog title="Mint a pixel" isOpen={isOpen} onClose={() => setMinting(false)} isKept>
      <Suspense fallback={<Waiting />}>
        <Minting onDone={() => setMinting(false)} />
      </Suspense>
    </Dialog>
  );
}
