// What was said about a pixel, and saying something else.

import { type FormEvent, type ReactNode, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Panel } from '../parts/panel.tsx';
import { Sent } from '../parts/sent.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { changed, draftOf, metadataComplaint, propertiesOf } from '../mint/draft.ts';
import { CampaignField, LabelField, MetadataField, SentAtField } from '../mint/property-fields.tsx';
import { useZone } from '../place/use-range.ts';
import { formatTime, MOMENT } from '../words.ts';
import type { Pixel } from './answers.ts';
import { useChangePixel } from './queries.ts';

interface PropertiesPanelProps {
  readonly pixel: Pixel;
  readonly mayChange: boolean;
}

export function PropertiesPanel({ pixel, mayChange }: PropertiesPanelProps) {
  const [isOpen, setOpen] = useState(false);
  const close = (): void => setOpen(false);
  return (
    <Panel
      title="Properties"
      actions={mayChange && <Button onClick={() => setOpen(true)}>Change</Button>}
    >
      <PropertyList pixel={pixel} />
      <Dialog title="Change the pixel" isOpen={isOpen} onClose={close} isKept>
        <ChangeForm pixel={pixel} onDone={close} />
      </Dialog>
    </Panel>
  );
}

function PropertyList({ pixel }: { readonly pixel: Pixel }) {
  const zone = useZone();
  const time = (at: string | null): ReactNode =>
    at === null ? (
      <span className="none">not said</span>
    ) : (
      <time dateTime={at}>{formatTime(at, zone, MOMENT)}</time>
    );
  const rows: readonly (readonly [string, ReactNode])[] = [
    ['Label', <Sent key="label" text={pixel.label} none="none" />],
    ['Campaign', <Sent key="campaign" text={pixel.campaign} none="none" />],
    ['Recipient', <Sent key="recipient" text={pixel.recipient} none="nobody in particular" />],
    ['Sent', time(pixel.sent_at)],
    ['Minted', time(pixel.created_at)],
    ['Last hit', pixel.last_hit_at === null ? 'none yet' : time(pixel.last_hit_at)],
  ];
  return (
    <dl className="properties">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
      {pixel.metadata !== null && (
        <div>
          <dt>Metadata</dt>
          <dd>
            <pre>
              <Sent text={JSON.stringify(pixel.metadata, null, 2)} isCode />
            </pre>
          </dd>
        </div>
      )}
    </dl>
  );
}

function ChangeForm({ pixel, onDone }: { readonly pixel: Pixel; readonly onDone: () => void }) {
  const [draft, setDraft] = useState(() => draftOf(pixel));
  const change = useChangePixel(pixel.code);
  const edit = (changes: Partial<typeof draft>): void => setDraft({ ...draft, ...changes });
  const isSound = metadataComplaint(draft.metadata) === null;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!isSound || change.isPending) return;
    const { label, campaign, sent_at, recipient, mode, metadata } = pixel;
    const before = { label, campaign, sent_at, recipient, mode, metadata };
    const changes = changed(before, propertiesOf(draft));
    if (Object.keys(changes).length === 0) onDone();
    else change.mutate(changes, { onSuccess: onDone });
  };
  return (
    <form className="form" onSubmit={submit}>
      <LabelField draft={draft} onChange={edit} />
      <CampaignField draft={draft} onChange={edit} />
      <SentAtField draft={draft} onChange={edit} />
      <MetadataField draft={draft} onChange={edit} />
      {change.error !== null && <Trouble error={change.error} />}
      <div className="dialog-actions">
        <Button onClick={onDone}>Cancel</Button>
        <Button kind="main" type="submit" disabled={!isSound || change.isPending}>
          Save
        </Button>
      </div>
    </form>
  );
}
