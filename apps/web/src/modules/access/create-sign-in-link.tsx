import { asTestcastError, type SignInLink } from '@testcast/client';
import { type FormEvent, useState } from 'react';
import { formatClock } from '../../format/time.ts';
import { useLive } from '../../live/live-context.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import field from '../../ui/field.module.css';
import { GrantsEditor, grantsOf, useGrantRows } from './grants-editor.tsx';
import styles from './keys-page.module.css';

/** Makes a link that signs one browser in, once. */
export function CreateSignInLink({ projects }: { projects: readonly string[] }) {
  const { http } = useLive().client;
  const [rows, setRows] = useGrantRows({ projectId: '', role: 'read' });
  const [link, setLink] = useState<SignInLink>();
  const [error, setError] = useState<string>();
  const create = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setError(undefined);
    setLink(undefined);
    try {
      setLink(await http.createSignInLink(grantsOf(rows)));
    } catch (cause) {
      setError(asTestcastError(cause).message);
    }
  };
  return (
    <form className={styles.card} onSubmit={(event) => void create(event)}>
      <h2>Sign-in link</h2>
      <p className={styles.about}>For a person: signs one browser in, once, within ten minutes.</p>
      <GrantsEditor rows={rows} projects={projects} onChange={setRows} />
      <Button type="submit" tone="primary">
        Create link
      </Button>
      {error !== undefined && (
        <p role="alert" className={styles.error}>
          {error}
        </p>
      )}
      {link !== undefined && (
        <div className={styles.created} role="status">
          <p>Good once, until {formatClock(link.expiresAt)}.</p>
          <div className={field.secret}>
            <code>{link.url}</code>
            <CopyButton text={link.url} />
          </div>
        </div>
      )}
    </form>
  );
}
