import { asTestcastError } from '@testcast/client';
import { useState } from 'react';
import { useLive } from '../../../live/live-context.ts';
import { isAdminOf } from '../../../live/session.ts';
import { Button } from '../../../ui/button.tsx';
import { CommandLine } from '../../../ui/command-line.tsx';
import { Notice } from '../../../ui/notice.tsx';
import { commandsFor, keyPlaceholder } from './first-commands.ts';
import styles from './runs-page.module.css';

/** A project without runs: how the first one gets here. The page shows it by itself when it does. */
export function FirstRun({ projectId }: { projectId: string }) {
  const { client, session } = useLive();
  const [key, setKey] = useState<string>();
  const [error, setError] = useState<string>();
  const createKey = async (): Promise<void> => {
    setError(undefined);
    try {
      const created = await client.http.createKey({
        name: `first run of ${projectId}`,
        grants: { [projectId]: 'write' },
      });
      setKey(created.key);
    } catch (cause) {
      setError(asTestcastError(cause).message);
    }
  };
  const { setUp, upload, curl } = commandsFor({ origin: window.location.origin, projectId, key });
  return (
    <Notice title={`${projectId} waits for its first run`}>
      <p>Send a report that your tests wrote, and watch it arrive here. This page moves by itself.</p>
      <ol className={styles.steps}>
        <li>
          <p>Say where, and with which key:</p>
          <CommandLine text={setUp} />
          {isAdminOf(session, projectId) ? (
            <Button tone="primary" disabled={key !== undefined} onClick={() => void createKey()}>
              {key === undefined ? 'Create a key and fill it in' : 'Filled in; it is shown only now'}
            </Button>
          ) : (
            <p>
              Put a key that may write to this project in the place of <code>{keyPlaceholder}</code>: who administers
              the project makes one for you.
            </p>
          )}
          {error !== undefined && (
            <p role="alert" className={styles.error}>
              {error}
            </p>
          )}
        </li>
        <li>
          <p>
            Send a report, JUnit XML or CTRF JSON, in the folder of the Testcast clone. For any other folder, install
            the command once from there: <code>npm install --global ./packages/cli</code>, and leave out{' '}
            <code>npx</code>.
          </p>
          <CommandLine text={upload} />
        </li>
      </ol>
      <p>Without Node.js at hand, any program that speaks HTTP does it too:</p>
      <CommandLine text={curl} />
    </Notice>
  );
}
