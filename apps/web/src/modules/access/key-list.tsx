import { type ApiKey, asTestcastError } from '@testcast/client';
import { useState } from 'react';
import { useLive } from '../../live/live-context.ts';
import { Button } from '../../ui/button.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import styles from './keys-page.module.css';

export function KeyList({ keys, onRevoked }: { keys: readonly ApiKey[]; onRevoked: () => void }) {
  if (keys.length === 0) return <p className={styles.about}>No keys yet.</p>;
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label="Keys in use">
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Begins with</th>
            <th scope="col">May touch</th>
            <th scope="col">Made</th>
            <th scope="col">Expires</th>
            <th scope="col">
              <span className="visually-hidden">Revoke</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <tr key={key.id}>
              <th scope="row">{key.name}</th>
              <td>
                <code>{key.prefix}…</code>
              </td>
              <td>
                {Object.entries(key.grants)
                  .map(([projectId, role]) => `${projectId === '*' ? 'every project' : projectId}: ${role}`)
                  .join(', ')}
              </td>
              <td>
                <RelativeTime at={key.createdAt} /> by {makerOf(key, keys)}
              </td>
              <td>{key.expiresAt === undefined ? 'never' : <RelativeTime at={key.expiresAt} />}</td>
              <td>
                <Revoke apiKey={key} onRevoked={onRevoked} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A key that was made with another key is by whoever holds that one: its name says more than its id. */
function makerOf({ createdBy }: ApiKey, keys: readonly ApiKey[]): string {
  const maker = keys.find(({ id }) => createdBy === `key:${id}`);
  return maker?.name ?? createdBy ?? 'unknown';
}

/** Asks once more: whoever uses the key is cut off at once, and it never comes back. */
function Revoke({ apiKey, onRevoked }: { apiKey: ApiKey; onRevoked: () => void }) {
  const { http } = useLive().client;
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState<string>();
  const revoke = async (): Promise<void> => {
    try {
      await http.deleteKey(apiKey.id);
      onRevoked();
    } catch (cause) {
      setError(asTestcastError(cause).message);
    }
  };
  if (error !== undefined) return <span role="alert">{error}</span>;
  if (!asking) {
    return (
      <Button onClick={() => setAsking(true)} aria-label={`Revoke ${apiKey.name}`}>
        Revoke
      </Button>
    );
  }
  return (
    <span className={styles.confirm}>
      <Button tone="danger" autoFocus onClick={() => void revoke()} aria-label={`Revoke ${apiKey.name} for good`}>
        Revoke for good
      </Button>
      <Button onClick={() => setAsking(false)}>Keep</Button>
    </span>
  );
}
