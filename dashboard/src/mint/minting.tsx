// What is in the dialog that mints: the form, and then what was minted.

import { useState } from 'react';
import type { Minted } from '../pixels/answers.ts';
import { type Draft, EMPTY_DRAFT } from './draft.ts';
import { MintForm } from './mint-form.tsx';
import { MintedMany } from './minted-many.tsx';
import { MintedOne } from './minted-one.tsx';

export default function Minting({ onDone }: { readonly onDone: () => void }) {
  const [minted, setMinted] = useState<readonly Minted[] | null>(null);
  const [draft, setDraft] = useState<Draft>(EMPTY_DRAFT);
  if (minted === null) {
    return <MintForm draft={draft} onChange={setDraft} onMinted={setMinted} onCancel={onDone} />;
  }
  // Another one of the same kind most likely, for somebody else.
  const again = (): void => {
    setDraft({ ...draft, label: '', recipient: '' });
    setMinted(null);
  };
  const [first] = minted;
  if (minted.length === 1 && first !== undefined) {
    return <MintedOne pixel={first} onAgain={again} onDone={onDone} />;
  }
  return <MintedMany pixels={minted} onAgain={again} onDone={onDone} />;
}
