// Many pixels that were just minted: a file with what a mailing needs, and a look at the first ones.

import { Button } from '../parts/button.tsx';
import { Sent } from '../parts/sent.tsx';
import type { Minted } from '../pixels/answers.ts';
import { Link } from '../place/link.tsx';
import { formatCount, plural } from '../words.ts';
import { HowToPaste } from './how-to-paste.tsx';
import { toCsv } from './recipients.ts';
import { ResultHeading } from '../parts/result-heading.tsx';

const SHOWN = 5;
const KEPT_MS = 10_000;

interface MintedManyProps {
  readonly pixels: readonly Minted[];
  readonly onAgain: () => void;
  readonly onDone: () => void;
}

export function MintedMany({ pixels, onAgain, onDone }: MintedManyProps) {
  const campaign = pixels[0]?.campaign ?? null;
  return (
    <div className="form">
      <ResultHeading>{plural(pixels.length, 'pixel')} minted</ResultHeading>
      <p>
        The file has a line for each recipient, with its image’s address and HTML: join it with your
        list, and put the HTML into each mail as a field of its own.
      </p>
      <p>
        <Button kind="main" icon="export" onClick={() => download(pixels)}>
          Download as CSV
        </Button>
      </p>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Recipient</th>
            <th scope="col">Code</th>
          </tr>
        </thead>
        <tbody>
          {pixels.slice(0, SHOWN).map(({ code, recipient }) => (
            <tr key={code}>
              <td>
                <Sent text={recipient} none="not kept" />
              </td>
              <td>
                <code>{code}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {pixels.length > SHOWN && (
        <p className="hint">and {formatCount(pixels.length - SHOWN)} more</p>
      )}
      <HowToPaste />
      <div className="dialog-actions">
        <Button onClick={onAgain}>Mint others</Button>
        <Link
          to="/pixels"
          search={campaign === null ? {} : { campaign }}
          className="button"
          onClick={onDone}
        >
          Show them
        </Link>
      </div>
    </div>
  );
}

/** From this page's memory into a file. */
function download(pixels: readonly Minted[]): void {
  const head = ['recipient', 'code', 'image_url', 'image_html'];
  const rows = pixels.map((pixel) => [
    pixel.recipient,
    pixel.code,
    pixel.image_url,
    pixel.image_html,
  ]);
  const file = new Blob([toCsv([head, ...rows])], { type: 'text/csv;charset=utf-8' });
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = 'pixels.csv';
  link.click();
  // The browser has the file's bytes once the click is done with.
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}
