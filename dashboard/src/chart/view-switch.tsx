// Picture or table: everything that is drawn can be read as well.

import { Icon } from '../parts/icon.tsx';

interface ViewSwitchProps {
  readonly asTable: boolean;
  readonly onChange: (asTable: boolean) => void;
  readonly picture?: string;
}

export function ViewSwitch({ asTable, onChange, picture = 'Chart' }: ViewSwitchProps) {
  return (
    <div className="segments small" role="group" aria-label="View">
      <button type="button" aria-pressed={!asTable} onClick={() => onChange(false)}>
        <Icon name="chart" />
        <span className="unseen">{picture}</span>
      </button>
      <button type="button" aria-pressed={asTable} onClick={() => onChange(true)}>
        <Icon name="table" />
        <span className="unseen">Table</span>
      </button>
    </div>
  );
}
