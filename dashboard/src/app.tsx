// What is shown at all: signing in, a server that does not answer, or the page of the address in its frame.

import { QueryClientProvider } from '@tanstack/react-query';
import { Suspense, useState } from 'react';
import { createClient } from './api/client.ts';
import { useSession } from './api/session.ts';
import { Frame } from './frame/frame.tsx';
import { LinkSignIn, SignIn } from './frame/sign-in.tsx';
import { findPage } from './pages.ts';
import { Blank } from './parts/blank.tsx';
import { Boundary } from './parts/boundary.tsx';
import { Trouble } from './parts/trouble.tsx';
import { Waiting } from './parts/waiting.tsx';
import { Link } from './place/link.tsx';
import { usePlace } from './place/location.ts';

/** `linkedToken` came with the link that opened the dashboard. */
export function App({ linkedToken }: { readonly linkedToken: string | null }) {
  const [client] = useState(createClient);
  const [token, setToken] = useState(linkedToken);
  return (
    <QueryClientProvider client={client}>
      {token === null ? (
        <Gate hadLink={linkedToken !== null} />
      ) : (
        // Also where somebody is signed in: the link may be another one's. If it is no good, they stay.
        <LinkSignIn token={token} onDone={() => setToken(null)} />
      )}
    </QueryClientProvider>
  );
}

function Gate({ hadLink }: { readonly hadLink: boolean }) {
  const session = useSession();
  if (session.data?.kind === 'nobody') {
    return <SignIn hasEnded={session.data.hasEnded} hadLink={hadLink} />;
  }
  if (session.data !== undefined) return <CurrentPage />;
  return (
    <main className="alone">
      {session.failureReason === null ? (
        <Waiting />
      ) : (
        <Trouble error={session.failureReason} onRetry={() => void session.refetch()} />
      )}
    </main>
  );
}

function CurrentPage() {
  const { path } = usePlace();
  const found = findPage(path);
  if (found === null) {
    return (
      <Frame title="Nothing here" entry={null}>
        <Blank title="There is nothing at this address">
          <p>
            The link may be old, or mistyped. <Link to="/">Back to the overview</Link>
          </p>
        </Blank>
      </Frame>
    );
  }
  const { entry, parameters } = found;
  return (
    <Frame title={entry.title} entry={entry}>
      <Boundary key={path}>
        <Suspense fallback={<Waiting />}>
          <entry.Page parameters={parameters} />
        </Suspense>
      </Boundary>
    </Frame>
  );
}
