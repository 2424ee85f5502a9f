// Opens the dialog that mints, from wherever one may want a pixel.

import { useMay } from '../api/session.ts';
import { Button } from '../parts/button.tsx';
import { setMinting } from './opening.ts';

export function MintButton() {
  const mayMint = useMay('mint');
  if (!mayMint) return null;
  return (
    <Button kind="main" icon="add" aria-haspopup="dialog" onClick={() => setMinting(true)}>
      Mint<span className="mint-more"> a pixel</span>
    </Button>
  );
}
