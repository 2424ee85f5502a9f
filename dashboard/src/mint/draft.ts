// What is written in a form about a pixel, and what of it is said to the server.

import type { Mode, Properties } from '../pixels/answers.ts';

/** As the fields have it. */
export interface Draft {
  readonly label: string;
  readonly campaign: string;
  readonly recipient: string;
  /** `2026-11-30T09:00`, in the browser's own time zone; empty: nobody knows. */
  readonly sentAt: string;
  readonly mode: Mode | '';
  /** JSON. */
  readonly metadata: string;
}

export const EMPTY_DRAFT: Draft = {
  label: '',
  campaign: '',
  recipient: '',
  sentAt: '',
  mode: '',
  metadata: '',
};

export function draftOf(properties: Properties): Draft {
  const { label, campaign, recipient, sent_at: sentAt, mode, metadata } = properties;
  return {
    label: label ?? '',
    campaign: campaign ?? '',
    recipient: recipient ?? '',
    sentAt: sentAt === null ? '' : localText(new Date(sentAt)),
    mode: mode ?? '',
    metadata: metadata === null ? '' : JSON.stringify(metadata, null, 2),
  };
}

/** As a field for date and time has it, which knows no zone but the browser's. */
function localText(at: Date): string {
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/** Null: fine. */
export function metadataComplaint(text: string): string | null {
  if (text.trim() === '') return null;
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? null : 'It must be an object, such as {"deal": 2291}.';
  } catch (error) {
    return `This is no JSON yet: ${(error as Error).message}`;
  }
}

/** Null where nothing is written. The metadata must be without complaint. */
export function propertiesOf(draft: Draft): Properties {
  const text = (written: string): string | null => (written.trim() === '' ? null : written.trim());
  return {
    label: text(draft.label),
    campaign: text(draft.campaign),
    recipient: text(draft.recipient),
    sent_at: draft.sentAt === '' ? null : new Date(draft.sentAt).toISOString(),
    mode: draft.mode === '' ? null : draft.mode,
    metadata:
      text(draft.metadata) === null
        ? null
        : (JSON.parse(draft.metadata) as Readonly<Record<string, unknown>>),
  };
}

/** What minting is asked for: nothing is said of what nobody wrote. */
export const said = (properties: Properties): Partial<Properties> =>
  Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== null));

/** What of a pixel is to be changed, null to take it back. */
export function changed(before: Properties, after: Properties): Partial<Properties> {
  const names = Object.keys(after) as (keyof Properties)[];
  const isOther = (name: keyof Properties): boolean =>
    name === 'sent_at'
      ? !isSameMinute(before.sent_at, after.sent_at)
      : JSON.stringify(before[name]) !== JSON.stringify(after[name]);
  return Object.fromEntries(names.filter(isOther).map((name) => [name, after[name]]));
}

/** The field shows no seconds; whoever does not touch it must not lose them. */
const isSameMinute = (before: string | null, after: string | null): boolean =>
  before === null || after === null
    ? before === after
    : Math.floor(Date.parse(before) / 60_000) === Math.floor(Date.parse(after) / 60_000);
