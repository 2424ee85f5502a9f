// What a newcomer sees: nothing has happened yet, and three ways to begin. It goes by itself with the
// first hit.

import { useServerConfig } from '../api/server-config.ts';
import { useSession } from '../api/session.ts';
import { MintButton } from '../mint/mint-button.tsx';
import { CopyBox } from '../parts/copy.tsx';
import { Panel } from '../parts/panel.tsx';
import { ROOT } from '../place/root.ts';
import './first-steps.css';

export function FirstSteps() {
  const { data: config } = useServerConfig();
  const { data: session } = useSession();
  const base = config?.base_url ?? '';
  const authorization = session?.kind === 'open' ? '' : '-H "Authorization: Bearer $API_TOKEN" ';
  const mint = `curl ${authorization}${new URL('./v1/api/gen-image', ROOT).href}`;
  return (
    <div className="first-steps">
      <p className="lead">
        Nobody has looked yet. A pixel is an image of one transparent dot: whoever shows it is noted
        here, and told apart from the machines that only fetch it.
      </p>
      <ol>
        <li>
          <Panel title="Mint a pixel">
            <p>Put its image into a mail or a page, one for each recipient if you like.</p>
            <MintButton />
            <p className="hint">Or from the command line:</p>
            <CopyBox text={mint} what="the command that mints a pixel" />
          </Panel>
        </li>
        <li>
          <Panel title="Or count the visits of a site">
            <p>One line on each page; no pixel needs to be minted.</p>
            <CopyBox
              text={`<img src="${base}/track" width="1" height="1" alt="">`}
              what="the image for a site"
            />
          </Panel>
        </li>
        <li>
          <Panel title="Then look">
            <p>
              Open the image in a browser, or send yourself the mail. The look shows up here within
              a second, with a verdict on who it was.
            </p>
          </Panel>
        </li>
      </ol>
    </div>
  );
}
