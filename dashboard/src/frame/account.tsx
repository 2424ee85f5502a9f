// Who is signed in, and the way out.

import { useSession, useSignOut } from '../api/session.ts';
import { Icon } from '../parts/icon.tsx';

export function Account() {
  const { data } = useSession();
  const signOut = useSignOut();
  if (data === undefined || data.kind === 'nobody') return null;
  if (data.kind === 'open') return <p className="account">No token asked here</p>;
  return (
    <div className="account">
      <span className="account-name" title={`May: ${data.scopes.join(', ')}`}>
        {data.name}
      </span>
      <button
        type="button"
        className="quiet"
        disabled={signOut.isPending}
        onClick={() => signOut.mutate()}
      >
        <Icon name="leave" />
        <span>Sign out</span>
      </button>
    </div>
  );
}
