// What a screen reader is told of live hits: a sentence now and then, never each hit of a flood.

import { useEffect, useEffectEvent, useState } from 'react';
import { className } from '../hits/classes.ts';
import type { LiveHit } from '../pixels/answers.ts';
import { plural } from '../words.ts';
import { isMissing, type Latest } from './latest.ts';

const SENTENCE_MS = 4_000;

interface Said {
  readonly sentence: string;
  /** As many hits were said by then. */
  readonly count: number;
}

export function useAnnouncement(latest: Latest, isPaused: boolean): string {
  const [said, setSaid] = useState<Said>({ sentence: '', count: 0 });
  const say = useEffectEvent(() => {
    const { count, rows } = latest;
    if (count === said.count) return;
    const newest = rows.find((row): row is LiveHit => !isMissing(row));
    const last = newest === undefined ? '' : `, the last one: ${className(newest.class)}`;
    setSaid({ sentence: `${plural(count - said.count, 'new hit')}${last}`, count });
  });
  useEffect(() => {
    if (isPaused) return undefined;
    const timer = setInterval(() => say(), SENTENCE_MS);
    return () => clearInterval(timer);
  }, [isPaused]);
  return said.sentence;
}
