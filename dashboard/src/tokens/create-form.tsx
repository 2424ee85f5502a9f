// Making a token: what it is called, what it may, and the token itself, which is shown this once.

import { type FormEvent, useState } from 'react';
import type { Scope } from '../api/answers.ts';
import { Button } from '../parts/button.tsx';
import { CopyBox } from '../parts/copy.tsx';
import { Field } from '../parts/field.tsx';
import { takeFirstFocus } from '../parts/first-focus.ts';
import { ResultHeading } from '../parts/result-heading.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { type NewToken, useCreateToken } from './queries.ts';
import { SCOPES, SCOPE_WORDS } from './scopes.ts';

const NAME_CHARACTERS_MAX = 100;

export function CreateForm({ onDone }: { readonly onDone: () => void }) {
  const create = useCreateToken();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly Scope[]>(['read']);
  if (create.data !== undefined) return <Created token={create.data} onDone={onDone} />;
  const isReady = name.trim() !== '' && scopes.length > 0;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isReady && !create.isPending) create.mutate({ name: name.trim(), scopes });
  };
  const toggle = (scope: Scope): void =>
    setScopes(SCOPES.filter((each) => scopes.includes(each) !== (each === scope)));
  return (
    <form className="form" onSubmit={submit}>
      <Field label="Name" hint="Who or what will use it: it is shown beside its last use.">
        {(ids) => (
          <input
            {...ids}
            ref={takeFirstFocus}
            value={name}
            required
            maxLength={NAME_CHARACTERS_MAX}
            placeholder="Newsletter script"
            autoComplete="off"
            onChange={({ target }) => setName(target.value)}
          />
        )}
      </Field>
      <fieldset className="options">
        <legend>May</legend>
        {SCOPES.map((scope) => (
          <label key={scope} className="option">
            <input
              type="checkbox"
              checked={scopes.includes(scope)}
              onChange={() => toggle(scope)}
            />
            <span className="option-name">{scope}</span>
            <span className="hint">{SCOPE_WORDS[scope]}</span>
          </label>
        ))}
      </fieldset>
      {create.error !== null && <Trouble error={create.error} />}
      <div className="dialog-actions">
        <Button onClick={onDone}>Cancel</Button>
        <Button kind="main" type="submit" disabled={!isReady || create.isPending}>
          Make the token
        </Button>
      </div>
    </form>
  );
}

function Created({ token, onDone }: { readonly token: NewToken; readonly onDone: () => void }) {
  return (
    <div className="form">
      <ResultHeading>Copy it now: it is not shown again</ResultHeading>
      <CopyBox text={token.token} what="the token" />
      <p className="hint">
        The server keeps a digest of it only. If it is lost, revoke it and make a new one.
      </p>
      <div className="dialog-actions">
        <Button kind="main" onClick={onDone}>
          I have copied it
        </Button>
      </div>
    </div>
  );
}
