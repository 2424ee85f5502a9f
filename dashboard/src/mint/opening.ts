// Whether the dialog that mints is open: asked for from anywhere, shown in one place.

import { useSyncExternalStore } from 'react';

const target = new EventTarget();
let isOpen = false;

export function setMinting(open: boolean): void {
  isOpen = open;
  target.dispatchEvent(new Event('change'));
}

function subscribe(changed: () => void): () => void {
  target.addEventListener('change', changed);
  return () => target.removeEventListener('change', changed);
}

export const useIsMinting = (): boolean => useSyncExternalStore(subscribe, () => isOpen);
