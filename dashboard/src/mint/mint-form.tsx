// The form that mints: one pixel, or one for each recipient of a list.

import { type FormEvent, useMemo, useRef, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Field } from '../parts/field.tsx';
import { takeFirstFocus } from '../parts/first-focus.ts';
import { Trouble } from '../parts/trouble.tsx';
import type { Minted } from '../pixels/answers.ts';
import { formatCount, plural } from '../words.ts';
import { type Draft, metadataComplaint, propertiesOf, said } from './draft.ts';
import { newKey, useMint } from './mint-queries.ts';
import { ModeField } from './mode-field.tsx';
import { CampaignField, LabelField, MetadataField, SentAtField } from './property-fields.tsx';
import { readRecipients, type RecipientList, RECIPIENTS_MAX } from './recipients.ts';

interface MintFormProps {
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  readonly onMinted: (pixels: readonly Minted[]) => void;
  readonly onCancel: () => void;
}

export function MintForm({ draft, onChange, onMinted, onCancel }: MintFormProps) {
  const [isMany, setMany] = useState(false);
  const [pasted, setPasted] = useState('');
  const list = useMemo(() => readRecipients(pasted), [pasted]);
  const mint = useMint();
  const keyOf = useOrderKey();
  const change = (changes: Partial<Draft>): void => onChange({ ...draft, ...changes });
  const isMode = draft.mode !== '' && draft.mode !== 'individual';
  const isReady =
    metadataComplaint(draft.metadata) === null &&
    (!isMany || (list.complaint === null && list.recipients.length > 0));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!isReady || mint.isPending) return;
    const recipients = isMany ? list.recipients : null;
    const properties = said(propertiesOf(isMany ? { ...draft, recipient: '' } : draft));
    const key = keyOf(JSON.stringify([properties, recipients]));
    mint.mutate({ key, properties, recipients }, { onSuccess: onMinted });
  };
  const many = isMany ? list.recipients.length : 1;
  return (
    <form className="form" onSubmit={submit}>
      <HowMany isMany={isMany} onChange={setMany} />
      {isMany ? (
        <RecipientsField pasted={pasted} onChange={setPasted} list={list} />
      ) : (
        <Field
          label="Recipient"
          hint={
            isMode
              ? 'Not kept in this mode: its looks are nobody’s in particular.'
              : 'For whom it is: an address, a name, a number of yours. It cannot be changed later.'
          }
        >
          {(ids) => (
            <input
              {...ids}
              ref={takeFirstFocus}
              value={draft.recipient}
              maxLength={512}
              placeholder="ada@lindqvist.example"
              autoComplete="off"
              spellCheck={false}
              onChange={({ target }) => change({ recipient: target.value })}
            />
          )}
        </Field>
      )}
      <div className="fields">
        <LabelField draft={draft} onChange={change} />
        <CampaignField draft={draft} onChange={change} />
      </div>
      <SentAtField draft={draft} onChange={change} />
      <details className="more">
        <summary>Mode and metadata</summary>
        <ModeField mode={draft.mode} onChange={(mode) => change({ mode })} />
        <MetadataField draft={draft} onChange={change} />
      </details>
      {mint.error !== null && <Trouble error={mint.error} />}
      <div className="dialog-actions">
        <Button onClick={onCancel}>Cancel</Button>
        <Button kind="main" type="submit" disabled={!isReady || mint.isPending}>
          {mint.isPending ? 'Minting …' : `Mint ${many === 1 ? 'it' : plural(many, 'pixel')}`}
        </Button>
      </div>
    </form>
  );
}

/** Whoever tries again what may have arrived must not mint twice; another order gets another key. */
function useOrderKey(): (order: string) => string {
  const last = useRef({ order: '', key: '' });
  return (order) => {
    if (last.current.order !== order) last.current = { order, key: newKey() };
    return last.current.key;
  };
}

interface HowManyProps {
  readonly isMany: boolean;
  readonly onChange: (isMany: boolean) => void;
}

function HowMany({ isMany, onChange }: HowManyProps) {
  return (
    <div className="segments" role="group" aria-label="How many">
      <button type="button" aria-pressed={!isMany} onClick={() => onChange(false)}>
        One pixel
      </button>
      <button type="button" aria-pressed={isMany} onClick={() => onChange(true)}>
        One for each of many
      </button>
    </div>
  );
}

interface RecipientsFieldProps {
  readonly pasted: string;
  readonly onChange: (pasted: string) => void;
  readonly list: RecipientList;
}

function RecipientsField({ pasted, onChange, list }: RecipientsFieldProps) {
  const { recipients, repeated, complaint } = list;
  const counted = [
    plural(recipients.length, 'recipient'),
    ...(repeated === 0 ? [] : [`${plural(repeated, 'line')} said again what another did`]),
  ].join('; ');
  return (
    <Field
      label="Recipients"
      hint={pasted === '' ? `One a line, up to ${formatCount(RECIPIENTS_MAX)}.` : `${counted}.`}
      complaint={complaint}
    >
      {(ids) => (
        <textarea
          {...ids}
          ref={takeFirstFocus}
          rows={7}
          value={pasted}
          placeholder={'ada@lindqvist.example\nbo@fenwick.example'}
          autoComplete="off"
          spellCheck={false}
          onChange={({ target }) => onChange(target.value)}
        />
      )}
    </Field>
  );
}
