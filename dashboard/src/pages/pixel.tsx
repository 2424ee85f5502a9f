// One pixel: how to use it, what became of it, every hit with the reason for its verdict, and what can be
// done about it.

import { useMay } from '../api/session.ts';
import { Problem } from '../api/request.ts';
import { useName } from '../frame/naming.ts';
import { Answer } from '../parts/answer.tsx';
import { Blank } from '../parts/blank.tsx';
import { CopyBox } from '../parts/copy.tsx';
import { Panel } from '../parts/panel.tsx';
import { Sent } from '../parts/sent.tsx';
import { Link } from '../place/link.tsx';
import type { PageProps } from '../pages.ts';
import { HowToPaste } from '../mint/how-to-paste.tsx';
import type { Pixel as PixelAnswer } from '../pixels/answers.ts';
import { CountsPanel } from '../pixels/counts-panel.tsx';
import { ErasePanel } from '../pixels/erase-panel.tsx';
import { HitsPanel } from '../pixels/hits-panel.tsx';
import { ModePanel } from '../pixels/mode-panel.tsx';
import { nameOf } from '../pixels/name.ts';
import { PropertiesPanel } from '../pixels/properties-panel.tsx';
import { usePixel } from '../pixels/queries.ts';
import { useLivePixel } from '../pixels/use-live-pixel.ts';
import './pixel.css';
import './hits.css';

export default function Pixel({ parameters }: PageProps) {
  const code = parameters['code'] ?? '';
  const pixel = usePixel(code);
  if (pixel.error instanceof Problem && pixel.error.status === 404 && pixel.data === undefined) {
    return (
      <Blank title="No pixel has this code">
        <p>
          It was never minted here, or it was erased. <Link to="/pixels">Show all pixels</Link>
        </p>
      </Blank>
    );
  }
  return (
    <Answer of={pixel} what="Looking up the pixel">
      {(data) => <PixelSheet pixel={data} />}
    </Answer>
  );
}

function PixelSheet({ pixel }: { readonly pixel: PixelAnswer }) {
  const { code, recipient, campaign, label } = pixel;
  const connection = useLivePixel(code);
  useName(nameOf(pixel));
  const isAdmin = useMay('admin');
  const mayMint = useMay('mint');
  return (
    <div className="pixel-sheet">
      <p className="pixel-facts">
        <code>{code}</code>
        {label !== null && recipient !== null && (
          <span>
            for <Sent text={recipient} />
          </span>
        )}
        {campaign !== null && (
          <Link to="/pixels" search={{ campaign }}>
            <Sent text={campaign} />
          </Link>
        )}
        {pixel.effective_mode !== 'individual' && (
          <span className="tag">{pixel.effective_mode}</span>
        )}
      </p>
      <CountsPanel pixel={pixel} />
      <div className="pixel-columns" data-untouched={pixel.counts.hits === 0 || undefined}>
        <HitsPanel pixel={pixel} connection={connection} mayClaim={isAdmin} />
        <div className="pixel-aside">
          <Panel title="Use it">
            <h3>HTML, for a mail or a page</h3>
            <CopyBox text={pixel.image_html} what="the HTML" />
            <h3>The image’s address alone</h3>
            <CopyBox text={pixel.image_url} what="the image’s address" />
            <HowToPaste />
          </Panel>
          <PropertiesPanel pixel={pixel} mayChange={mayMint} />
          <ModePanel key={pixel.mode} pixel={pixel} mayChange={mayMint} />
          {isAdmin && <ErasePanel pixel={pixel} />}
        </div>
      </div>
    </div>
  );
}
