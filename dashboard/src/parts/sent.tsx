// Text that a client sent. It is only ever text, keeps its direction to itself, and what in it would be
// unseen (marks that turn the direction, zero widths, control characters) is shown by its number instead.

interface SentProps {
  /** Null: it sent none. */
  readonly text: string | null;
  /** In place of null. */
  readonly none?: string;
  /** In code a line break is one, and stays. */
  readonly isCode?: boolean;
}

/** Unicode's bidirectional controls, zero widths, tags, line separators, and C0 and C1. */
const UNSEEN = new RegExp(
  `([${String.raw`\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e`}` +
    String.raw`\u2060-\u2069\ufeff\u{e0000}-\u{e007f}])`,
  'u',
);

export function Sent({ text, none = '', isCode = false }: SentProps) {
  if (text === null) return <span className="none">{none}</span>;
  return (
    <bdi>
      {partsOf(text).map(({ at, part, isUnseen }) =>
        isUnseen && !(isCode && part === '\n') ? (
          <UnseenCharacter key={at} character={part} />
        ) : (
          part
        ),
      )}
    </bdi>
  );
}

interface Part {
  readonly at: number;
  readonly part: string;
  readonly isUnseen: boolean;
}

function partsOf(text: string): Part[] {
  let at = 0;
  return text.split(UNSEEN).map((part, i) => {
    at += part.length;
    // Every second part is one that the pattern found.
    return { at, part, isUnseen: i % 2 === 1 };
  });
}

function UnseenCharacter({ character }: { readonly character: string }) {
  const number = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
  return <span className="unseen-character">{`U+${number}`}</span>;
}
