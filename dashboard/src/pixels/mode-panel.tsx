// Switching what is kept of the looks at a pixel, which also holds for mail that was sent long ago.

import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Panel } from '../parts/panel.tsx';
import { ModeField } from '../mint/mode-field.tsx';
import type { Mode, Pixel } from './answers.ts';
import { useChangePixel } from './queries.ts';

interface ModePanelProps {
  readonly pixel: Pixel;
  readonly mayChange: boolean;
}

export function ModePanel({ pixel, mayChange }: ModePanelProps) {
  const [mode, setMode] = useState<Mode | ''>(pixel.mode ?? '');
  const change = useChangePixel(pixel.code);
  const isOther = mode !== (pixel.mode ?? '');
  return (
    <Panel title="What is kept" className="mode-panel">
      <fieldset className="bare" disabled={!mayChange || change.isPending}>
        <ModeField mode={mode} onChange={setMode} />
      </fieldset>
      {isOther && (
        <div className="mode-change">
          <p className="hint">
            Holds within seconds, for mail already sent too. Hits that were kept before stay as they
            are.
          </p>
          <Button
            kind="main"
            disabled={change.isPending}
            onClick={() => change.mutate({ mode: mode === '' ? null : mode })}
          >
            Switch
          </Button>
          <Button disabled={change.isPending} onClick={() => setMode(pixel.mode ?? '')}>
            Leave it
          </Button>
        </div>
      )}
      {change.error !== null && (
        <p className="failure" role="alert">
          {change.error.message}
        </p>
      )}
    </Panel>
  );
}
