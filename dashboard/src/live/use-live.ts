// Live hits for a component: a connection as long as it is shown.

import { useEffect, useEffectEvent, useState } from 'react';
import type { Query } from '../api/request.ts';
import { type Connection, LiveConnection } from './connection.ts';
import type { StreamEvent } from './event-stream.ts';
import { type LiveNews, readNews } from './news.ts';

/** `query` chooses which hits. */
export function useLive(query: Query, onNews: (news: LiveNews) => void): Connection {
  const [state, setState] = useState<Connection>('connecting');
  const told = useEffectEvent((events: readonly StreamEvent[]) => {
    const news = readNews(events);
    if (news.hits.length > 0 || news.skipped > 0 || news.hasGap) onNews(news);
  });
  const key = JSON.stringify(query);
  useEffect(() => {
    const connection = new LiveConnection(JSON.parse(key) as Query, {
      onEvents: (events) => told(events),
      onState: setState,
    });
    connection.open();
    return () => connection.close();
  }, [key]);
  return state;
}
