// Text to take along, with a button that copies it.

import { useEffect, useState } from 'react';
import { Button } from './button.tsx';

const SAID_MS = 2_000;

interface CopyProps {
  readonly text: string;
  /** What is copied: `the image’s address`. */
  readonly what: string;
}

function CopyButton({ text, what }: CopyProps) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setCopied(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async (): Promise<void> => setCopied(await copyText(text));
  return (
    <Button
      icon={isCopied ? 'done' : 'copy'}
      aria-label={`${isCopied ? 'Copied' : 'Copy'} ${what}`}
      onClick={() => void copy()}
    >
      <span role="status">{isCopied ? 'Copied' : 'Copy'}</span>
    </Button>
  );
}

/** Code in a box of its own, with the button beside it. */
export function CopyBox({ text, what }: CopyProps) {
  return (
    <div className="copy-box">
      <pre>
        <code>{text}</code>
      </pre>
      <CopyButton text={text} what={what} />
    </div>
  );
}

/** Browsers have a clipboard on https and on localhost only; elsewhere the old way still works. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  // Inside an open dialog, outside of which nothing can be selected.
  const place = document.querySelector('dialog[open]') ?? document.body;
  place.append(area);
  area.select();
  const isDone = document.execCommand('copy');
  area.remove();
  return isDone;
}
