// The fields for what is said about a pixel, for minting one and for changing it.

import { useId } from 'react';
import { Field } from '../parts/field.tsx';
import { ownZone } from '../place/zone.ts';
import { useCampaignNames } from '../pixels/queries.ts';
import { type Draft, metadataComplaint } from './draft.ts';

export interface FieldsProps {
  readonly draft: Draft;
  readonly onChange: (changes: Partial<Draft>) => void;
}

const TEXT = { maxLength: 512, autoComplete: 'off', spellCheck: false } as const;

export function LabelField({ draft, onChange }: FieldsProps) {
  return (
    <Field label="Label">
      {(ids) => (
        <input
          {...ids}
          {...TEXT}
          value={draft.label}
          placeholder="Offer 2291, Lindqvist & Co"
          onChange={({ target }) => onChange({ label: target.value })}
        />
      )}
    </Field>
  );
}

export function CampaignField({ draft, onChange }: FieldsProps) {
  const list = useId();
  const { data = [] } = useCampaignNames();
  return (
    <Field label="Campaign">
      {(ids) => (
        <>
          <input
            {...ids}
            {...TEXT}
            list={list}
            value={draft.campaign}
            placeholder="Autumn newsletter"
            onChange={({ target }) => onChange({ campaign: target.value })}
          />
          <datalist id={list}>
            {data.map((name) => name !== null && <option key={name}>{name}</option>)}
          </datalist>
        </>
      )}
    </Field>
  );
}

export function SentAtField({ draft, onChange }: FieldsProps) {
  return (
    <Field
      label="Sent at"
      hint={`In ${ownZone().replaceAll('_', ' ')}. Whoever looks seconds after that is likely a machine.`}
    >
      {(ids) => (
        <input
          {...ids}
          type="datetime-local"
          value={draft.sentAt}
          onChange={({ target }) => onChange({ sentAt: target.value })}
        />
      )}
    </Field>
  );
}

export function MetadataField({ draft, onChange }: FieldsProps) {
  return (
    <Field
      label="Metadata"
      hint="Whatever you want to find with it again: a JSON object of up to 2 KiB."
      complaint={metadataComplaint(draft.metadata)}
    >
      {(ids) => (
        <textarea
          {...ids}
          className="code"
          rows={3}
          value={draft.metadata}
          placeholder='{"deal": 2291}'
          spellCheck={false}
          onChange={({ target }) => onChange({ metadata: target.value })}
        />
      )}
    </Field>
  );
}
