// The choice of a pixel's mode, with what each one means for the people who look.

import { useId } from 'react';
import { useServerConfig } from '../api/server-config.ts';
import type { Mode } from '../pixels/answers.ts';
import { MODES, MODE_WORDS } from './modes.ts';

interface ModeFieldProps {
  /** Empty: the installation's. */
  readonly mode: Mode | '';
  readonly onChange: (mode: Mode | '') => void;
}

export function ModeField({ mode, onChange }: ModeFieldProps) {
  const name = useId();
  const { data: config } = useServerConfig();
  const installed = config === undefined ? '' : ` (${config.pixel_mode})`;
  return (
    <fieldset className="options">
      <legend>Mode</legend>
      {(['', ...MODES] as const).map((each) => (
        <label key={each} className="option">
          <input type="radio" name={name} checked={mode === each} onChange={() => onChange(each)} />
          <span className="option-name">
            {each === '' ? `As this server is set${installed}` : MODE_WORDS[each].name}
          </span>
          <span className="hint">
            {each === '' ? 'Follows PIXEL_MODE, whatever that becomes.' : MODE_WORDS[each].means}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
