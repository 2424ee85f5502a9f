// One field of a form: its label, what it is for, and what is wrong with it, tied together for those who
// cannot see that they belong together.

import { type ReactNode, useId } from 'react';

interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  /** What is wrong with it, in place of the hint. */
  readonly complaint?: string | null;
  readonly children: (ids: {
    id: string;
    'aria-describedby': string | undefined;
    'aria-invalid': boolean | undefined;
  }) => ReactNode;
}

export function Field({ label, hint, complaint = null, children }: FieldProps) {
  const id = useId();
  const hasNote = hint !== undefined || complaint !== null;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        'aria-describedby': hasNote ? `${id}-note` : undefined,
        'aria-invalid': complaint === null ? undefined : true,
      })}
      {hasNote && (
        <p id={`${id}-note`} className={complaint === null ? 'hint' : 'failure'}>
          {complaint ?? hint}
        </p>
      )}
    </div>
  );
}
