// Signing in: by a link that brought the token, or by pasting one.

import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { useSignIn } from '../api/session.ts';
import { Problem } from '../api/request.ts';
import { Button } from '../parts/button.tsx';
import { Mark } from '../parts/mark.tsx';
import { Waiting } from '../parts/waiting.tsx';

interface LinkSignInProps {
  readonly token: string;
  /** Whether or not it went well: who is signed in then, says the session. */
  readonly onDone: () => void;
}

export function LinkSignIn({ token, onDone }: LinkSignInProps) {
  const { mutate } = useSignIn();
  const hasTried = useRef(false);
  useEffect(() => {
    if (hasTried.current) return;
    hasTried.current = true;
    mutate(token, { onSettled: onDone });
  }, [token, mutate, onDone]);
  return (
    <main className="alone">
      <Waiting what="Signing in" />
    </main>
  );
}

interface SignInProps {
  /** A session that there was is over. */
  readonly hasEnded: boolean;
  /** They came by a link, which did not sign them in, or does not any more. */
  readonly hadLink: boolean;
}

export function SignIn({ hasEnded, hadLink }: SignInProps) {
  const { mutate, isPending, error } = useSignIn();
  const [token, setToken] = useState('');
  useEffect(() => {
    document.title = 'Sign in · Truepixel';
  }, []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const pasted = token.trim();
    if (pasted !== '') mutate(pasted);
  };
  return (
    <main className="alone">
      <form className="sign-in" onSubmit={submit} aria-busy={isPending}>
        <Mark />
        <h1>Truepixel</h1>
        <p className="lead">Who looked, and who was only a machine.</p>
        {hasEnded && <p role="status">Your session has ended. Sign in again to go on.</p>}
        {hadLink && !hasEnded && (
          <p role="status">This link does not sign in: it may be old, or have been used before.</p>
        )}
        <TokenField token={token} onChange={setToken} failure={said(error)} />
        <Button kind="main" type="submit" disabled={isPending}>
          {isPending ? 'Signing in …' : 'Sign in'}
        </Button>
      </form>
    </main>
  );
}

interface TokenFieldProps {
  readonly token: string;
  readonly onChange: (token: string) => void;
  readonly failure: string | null;
}

function TokenField({ token, onChange, failure }: TokenFieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>API token</label>
      <input
        id={id}
        type="password"
        value={token}
        required
        // A page with this one field.
        // oxlint-disable-next-line jsx-a11y/no-autofocus
        autoFocus
        autoComplete="current-password"
        spellCheck={false}
        aria-invalid={failure !== null}
        aria-describedby={`${id}-hint`}
        onChange={(event) => onChange(event.target.value)}
      />
      <p id={`${id}-hint`} className="hint">
        Printed at the server’s first start, and kept there in <code>secrets/api-token</code> of its
        data folder.
      </p>
      {failure !== null && (
        <p className="failure" role="alert">
          {failure}
        </p>
      )}
    </div>
  );
}

function said(error: Error | null): string | null {
  if (error === null) return null;
  if (error instanceof Problem && error.status === 401) return 'This is no token of this server.';
  return error.message;
}
