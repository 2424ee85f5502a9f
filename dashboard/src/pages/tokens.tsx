// Who may use the API: tokens with what each may, and when it was last used.
/* oxlint-disable jsx-a11y/no-redundant-roles, jsx-a11y/no-interactive-element-to-noninteractive-role --
   Safari forgets what a table is once a phone’s style makes blocks of its parts */

import { useState } from 'react';
import { useMay } from '../api/session.ts';
import { Answer } from '../parts/answer.tsx';
import { Blank } from '../parts/blank.tsx';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Panel } from '../parts/panel.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { useZone } from '../place/use-range.ts';
import { CreateForm } from '../tokens/create-form.tsx';
import { INSTALLATION, type Token, useRevokeToken, useTokens } from '../tokens/queries.ts';
import { formatTime, MOMENT } from '../words.ts';

export default function Tokens() {
  const isAdmin = useMay('admin');
  if (!isAdmin) {
    return (
      <Blank title="Tokens are for admins">
        <p>You are signed in with a token that may not make or revoke others.</p>
      </Blank>
    );
  }
  return <TokenList />;
}

function TokenList() {
  const tokens = useTokens();
  const [isOpen, setOpen] = useState(false);
  const [revoked, setRevoked] = useState<Token | null>(null);
  const close = (): void => setOpen(false);
  const keep = (): void => setRevoked(null);
  return (
    <Panel
      title="Tokens of this server"
      actions={
        <Button kind="main" icon="add" aria-haspopup="dialog" onClick={() => setOpen(true)}>
          New token
        </Button>
      }
    >
      <p className="hint">
        Give each script and each person one of their own, with no more than it needs: it can then
        be revoked alone.
      </p>
      <Answer of={tokens}>{(rows) => <TokenTable tokens={rows} onRevoke={setRevoked} />}</Answer>
      <Dialog title="New token" isOpen={isOpen} onClose={close} isKept>
        <CreateForm onDone={close} />
      </Dialog>
      <Dialog title="Revoke this token?" isOpen={revoked !== null} onClose={keep}>
        {revoked !== null && <Revoking token={revoked} onDone={keep} />}
      </Dialog>
    </Panel>
  );
}

interface TokenTableProps {
  readonly tokens: readonly Token[];
  readonly onRevoke: (token: Token) => void;
}

function TokenTable({ tokens, onRevoke }: TokenTableProps) {
  return (
    <table className="listing token-table" role="table">
      <thead role="rowgroup">
        <tr role="row">
          {['Name', 'May', 'Made', 'Last used'].map((name) => (
            <th key={name} role="columnheader" scope="col">
              {name}
            </th>
          ))}
          <th role="columnheader" scope="col">
            <span className="unseen">Revoke</span>
          </th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        {tokens.map((token) => (
          <TokenRow key={token.id} token={token} onRevoke={onRevoke} />
        ))}
      </tbody>
    </table>
  );
}

interface TokenRowProps {
  readonly token: Token;
  readonly onRevoke: (token: Token) => void;
}

function TokenRow({ token, onRevoke }: TokenRowProps) {
  const zone = useZone();
  const isFixed = token.id === INSTALLATION;
  const time = (at: string | null, none: string) =>
    at === null ? (
      <span className="none">{none}</span>
    ) : (
      <time dateTime={at}>{formatTime(at, zone, MOMENT)}</time>
    );
  return (
    <tr role="row">
      <th role="rowheader" scope="row">
        <bdi>{token.name}</bdi>
      </th>
      <td role="cell" data-label="May">
        {token.scopes.map((scope) => (
          <span key={scope} className="tag">
            {scope}
          </span>
        ))}
      </td>
      <td role="cell" data-label="Made">
        {time(token.created_at, isFixed ? 'with the server' : 'not known')}
      </td>
      <td role="cell" data-label="Last used">
        {time(token.last_used_at, 'never')}
      </td>
      <td role="cell" className="row-actions">
        {isFixed ? (
          <span className="hint">API_TOKEN: changed on the server</span>
        ) : (
          <Button kind="danger" aria-haspopup="dialog" onClick={() => onRevoke(token)}>
            Revoke<span className="unseen"> {token.name}</span>
          </Button>
        )}
      </td>
    </tr>
  );
}

function Revoking({ token, onDone }: { readonly token: Token; readonly onDone: () => void }) {
  const revoke = useRevokeToken();
  return (
    <>
      <p>
        Whatever uses <strong>{token.name}</strong> is refused from now on, and whoever signed in
        with it is signed out. This cannot be taken back; a new token can be made.
      </p>
      {revoke.error !== null && <Trouble error={revoke.error} />}
      <div className="dialog-actions">
        <Button onClick={onDone}>Keep it</Button>
        <Button
          kind="danger"
          disabled={revoke.isPending}
          onClick={() => revoke.mutate(token.id, { onSuccess: onDone })}
        >
          Revoke it
        </Button>
      </div>
    </>
  );
}
