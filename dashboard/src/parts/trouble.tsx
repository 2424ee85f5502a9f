// What went wrong with a request, in the server's words, and what can be done about it.

import { Problem } from '../api/request.ts';
import { Button } from './button.tsx';

interface TroubleProps {
  readonly error: Error;
  readonly onRetry?: () => void;
}

export function Trouble({ error, onRetry }: TroubleProps) {
  return (
    <div className="trouble" role="alert">
      <p className="trouble-title">{titleOf(error)}</p>
      <p>{error.message}</p>
      {onRetry !== undefined && canHelp(error) && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}

const canHelp = (error: Error): boolean => !(error instanceof Problem) || error.status !== 403;

function titleOf(error: Error): string {
  if (!(error instanceof Problem)) return 'Something went wrong in this page';
  if (error.status === 0) return 'No answer';
  if (error.status === 403) return 'This token may not do that';
  if (error.status === 404) return 'Not found';
  if (error.status === 429) return 'Too many requests for now';
  if (error.status >= 502) return 'The store is behind or away; every hit is kept meanwhile';
  return error.status >= 500 ? 'The server made a mistake' : 'The server did not take that';
}
