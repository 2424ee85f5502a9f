// Which time is shown: a preset, or two days of one's own.

import { type FormEvent, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { wallClock } from '../place/days.ts';
import { choose } from '../place/location.ts';
import {
  type Choice,
  FIRST_DAY,
  LAST_DAY,
  type Preset,
  PRESETS,
  resolveChoice,
  writeChoice,
} from '../place/range.ts';
import { useChoice, useZone } from '../place/use-range.ts';
import { DATE, formatTime } from '../words.ts';

/** What there is room for, and what is read out after it. */
const NAMES: Readonly<Record<Preset, { short: string; rest: string }>> = {
  today: { short: 'Today', rest: '' },
  '7d': { short: '7 d', rest: ': the last 7 days' },
  '30d': { short: '30 d', rest: ': the last 30 days' },
  '90d': { short: '90 d', rest: ': the last 90 days' },
  all: { short: 'All', rest: ' days' },
};

export function RangePicker() {
  const choice = useChoice();
  const [isOpen, setOpen] = useState(false);
  return (
    <div className="segments" role="group" aria-label="Range">
      {PRESETS.map((preset) => (
        <button
          key={preset}
          type="button"
          aria-pressed={choice.kind === 'preset' && choice.preset === preset}
          onClick={() => choose(writeChoice({ kind: 'preset', preset }))}
        >
          {NAMES[preset].short}
          <span className="unseen">{NAMES[preset].rest}</span>
        </button>
      ))}
      <button
        type="button"
        aria-pressed={choice.kind === 'days'}
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      >
        {choice.kind === 'days' ? daysInWords(choice) : 'Days …'}
      </button>
      <Dialog title="Choose days" isOpen={isOpen} onClose={() => setOpen(false)}>
        <DaysForm choice={choice} onDone={() => setOpen(false)} />
      </Dialog>
    </div>
  );
}

function daysInWords({ from, to }: Choice & { kind: 'days' }): string {
  const words = (day: string): string => formatTime(day, 'UTC', DATE);
  return from === to ? words(from) : `${words(from)} – ${words(to)}`;
}

/** Two days; it begins with those that are shown. */
function DaysForm({ choice, onDone }: { readonly choice: Choice; readonly onDone: () => void }) {
  const zone = useZone();
  const [today] = useState(() => wallClock(new Date(), zone).day);
  const shown = choice.kind === 'preset' && choice.preset === 'all' ? null : choice;
  const [from, setFrom] = useState(() =>
    shown === null ? today : resolveChoice(shown, zone, new Date(), null).from,
  );
  const [to, setTo] = useState(choice.kind === 'days' ? choice.to : today);
  const isReversed = from > to;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isReversed) return;
    choose(writeChoice({ kind: 'days', from, to }));
    onDone();
  };
  return (
    <form onSubmit={submit}>
      <div className="fields">
        <label>
          First day
          <input
            type="date"
            required
            min={FIRST_DAY}
            max={LAST_DAY}
            value={from}
            onChange={(event) => setFrom(event.target.value)}
          />
        </label>
        <label>
          Last day
          <input
            type="date"
            required
            min={FIRST_DAY}
            max={LAST_DAY}
            value={to}
            aria-invalid={isReversed}
            aria-describedby="days-hint"
            onChange={(event) => setTo(event.target.value)}
          />
        </label>
      </div>
      <p id="days-hint" className="hint" role="status">
        {isReversed ? 'The last day lies before the first.' : `Both included, in ${zone}.`}
      </p>
      <div className="dialog-actions">
        <Button onClick={onDone}>Cancel</Button>
        <Button kind="main" type="submit" disabled={isReversed}>
          Show these days
        </Button>
      </div>
    </form>
  );
}
