// What a pixel's modes are called and mean.

import type { Mode } from '../pixels/answers.ts';

export const MODES: readonly Mode[] = ['individual', 'aggregate', 'off'];

export const MODE_WORDS: Readonly<Record<Mode, { readonly name: string; readonly means: string }>> =
  {
    individual: {
      name: 'Individual',
      means:
        'Each hit is kept with its address and agent. Many laws ask for the reader’s consent first.',
    },
    aggregate: {
      name: 'Aggregate',
      means:
        'Hits are counted, and nothing that tells people apart is ever written: no address, no agent.',
    },
    off: {
      name: 'Off',
      means:
        'Consent was withdrawn: the image is still shown, also in mail already sent, and nothing is kept.',
    },
  };
