import { asTestcastError, type CreatedApiKey } from '@testcast/client';
import { type FormEvent, useState } from 'react';
import { useLive } from '../../live/live-context.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import field from '../../ui/field.module.css';
import { GrantsEditor, grantsOf, useGrantRows } from './grants-editor.tsx';
import styles from './keys-page.module.css';

const dayMs = 86_400_000;
const lifetimes: readonly (readonly [string, number | undefined])[] = [
  ['never', undefined],
  ['in 30 days', 30 * dayMs],
  ['in a year', 365 * dayMs],
];

/** A form for a new key, and the one time that its secret is shown. */
export function CreateKey({ projects, onCreated }: { projects: readonly string[]; onCreated: () => void }) {
  const { http } = useLive().client;
  const [name, setName] = useState('');
  const [rows, setRows] = useGrantRows({ projectId: '', role: 'write' });
  const [lifetime, setLifetime] = useState('never');
  const [created, setCreated] = useState<CreatedApiKey>();
  const [error, setError] = useState<string>();

  const create = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setError(undefined);
    setCreated(undefined);
    const lastsMs = lifetimes.find(([says]) => says === lifetime)?.[1];
    const expiresAt = lastsMs === undefined ? undefined : Date.now() + lastsMs;
    try {
      setCreated(await http.createKey({ name: name.trim(), grants: grantsOf(rows), expiresAt }));
      setName('');
      onCreated();
    } catch (cause) {
      setError(asTestcastError(cause).message);
    }
  };

  return (
    <form className={styles.card} onSubmit={(event) => void create(event)}>
      <h2>New key</h2>
      <p className={styles.about}>For reporters, CI jobs and bots.</p>
      <div className={field.row}>
        <label className={field.field}>
          Name
          <input
            required
            maxLength={200}
            placeholder="what it is for"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        <label className={field.field}>
          Expires
          <select value={lifetime} onChange={(event) => setLifetime(event.target.value)}>
            {lifetimes.map(([says]) => (
              <option key={says}>{says}</option>
            ))}
          </select>
        </label>
      </div>
      <GrantsEditor rows={rows} projects={projects} onChange={setRows} />
      <Button type="submit" tone="primary">
        Create key
      </Button>
      {error !== undefined && (
        <p role="alert" className={styles.error}>
          {error}
        </p>
      )}
      {created !== undefined && (
        <div className={styles.created} role="status">
          <p>
            <b>{created.name}</b> is shown now and never again. Copy it to where it is needed.
          </p>
          <div className={field.secret}>
            <code>{created.key}</code>
            <CopyButton text={created.key} />
          </div>
        </div>
      )}
    </form>
  );
}
