// As what a hit counts and what looked, in one glance: a coloured word that never is colour alone.

import type { OwnSign, VerdictClass } from '../pixels/answers.ts';
import { className, isOwn, standingOf, standingWords } from './classes.ts';

interface VerdictProps {
  readonly kind: 'open' | 'visit';
  readonly hit: { readonly class: VerdictClass; readonly own: OwnSign | null };
}

export function Verdict({ kind, hit }: VerdictProps) {
  const standing = standingOf(hit);
  return (
    <span className="verdict">
      <span className={`standing ${standing}`}>{standingWords(standing, kind)}</span>
      <span className="verdict-class">
        {className(hit.class)}
        {isOwn(hit.own) && ', your own'}
      </span>
    </span>
  );
}
