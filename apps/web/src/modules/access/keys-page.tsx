import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useLive } from '../../live/live-context.ts';
import { isAdmin } from '../../live/session.ts';
import { Notice } from '../../ui/notice.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { usePageTitle } from '../../ui/use-page-title.ts';
import { CreateKey } from './create-key.tsx';
import { CreateSignInLink } from './create-sign-in-link.tsx';
import { KeyList } from './key-list.tsx';
import styles from './keys-page.module.css';

const keysQuery = ['keys'] as const;

export function KeysPage() {
  usePageTitle('Keys');
  const { client, session } = useLive();
  const queries = useQueryClient();
  const admin = isAdmin(session);
  const keys = useQuery({
    queryKey: keysQuery,
    queryFn: ({ signal }) => client.http.listKeys({ signal }),
    enabled: admin,
  });
  const projects = useQuery({
    queryKey: ['projects'],
    queryFn: ({ signal }) => client.http.listProjects({}, { signal }),
    enabled: admin,
  });
  if (!admin) {
    return (
      <Notice title="Keys are for who administers a project">
        <p>Ask one of them to make a key or a sign-in link for you.</p>
      </Notice>
    );
  }
  const known = projects.data?.items.map(({ projectId }) => projectId) ?? [];
  const refresh = (): void => void queries.invalidateQueries({ queryKey: keysQuery });
  return (
    <>
      <h1>Keys</h1>
      <div className={styles.forms}>
        <CreateKey projects={known} onCreated={refresh} />
        <CreateSignInLink projects={known} />
      </div>
      <section aria-labelledby="keys-in-use" className={styles.list}>
        <h2 id="keys-in-use">In use</h2>
        {keys.error !== null && (
          <p role="alert" className={styles.error}>
            {keys.error.message}
          </p>
        )}
        {keys.isPending && <Skeleton rows={3} />}
        {keys.data !== undefined && <KeyList keys={keys.data.items} onRevoked={refresh} />}
      </section>
    </>
  );
}
