// One pixel that was just minted, ready to be taken along.

import { Button } from '../parts/button.tsx';
import { CopyBox } from '../parts/copy.tsx';
import type { Minted } from '../pixels/answers.ts';
import { Link } from '../place/link.tsx';
import { HowToPaste } from './how-to-paste.tsx';
import { ResultHeading } from '../parts/result-heading.tsx';

interface MintedOneProps {
  readonly pixel: Minted;
  readonly onAgain: () => void;
  readonly onDone: () => void;
}

export function MintedOne({ pixel, onAgain, onDone }: MintedOneProps) {
  return (
    <div className="form">
      <ResultHeading>Minted, and ready to be looked at</ResultHeading>
      <h4>HTML, for a mail or a page</h4>
      <CopyBox text={pixel.image_html} what="the HTML" />
      <h4>The image’s address alone</h4>
      <CopyBox text={pixel.image_url} what="the image’s address" />
      <HowToPaste />
      <div className="dialog-actions">
        <Button onClick={onAgain}>Mint another</Button>
        <Link
          to={`/pixels/${encodeURIComponent(pixel.code)}`}
          className="button main"
          onClick={onDone}
        >
          Go to its page
        </Link>
      </div>
    </div>
  );
}
