// How a site's visits come to be counted, for whoever has none yet.

import { useServerConfig } from '../api/server-config.ts';
import { Blank } from '../parts/blank.tsx';
import { CopyBox } from '../parts/copy.tsx';

export function NoVisits() {
  const { data: config } = useServerConfig();
  return (
    <Blank title="No visits in this time">
      <p>Put this line on each page of a site; no pixel needs to be minted for it.</p>
      {config !== undefined && (
        <CopyBox
          text={`<img src="${config.base_url}/track" width="1" height="1" alt="">`}
          what="the image for a site"
        />
      )}
    </Blank>
  );
}
