import type { ClusterResponse } from '@testcast/contracts';
import { RelativeTime } from '../../ui/relative-time.tsx';
import styles from './cluster-page.module.css';
import { StateWord } from './state-word.tsx';

/** What the cluster did by itself about alerts, the newest first. */
export function ResponseList({ responses }: { responses: readonly ClusterResponse[] }) {
  if (responses.length === 0) return <p className={styles.about}>No alert has been answered by itself.</p>;
  return (
    <ol className={styles.responses}>
      {responses.map(({ id, alert, action, serverId, state, detail, startedAt, undoneAt }) => (
        <li key={id}>
          <StateWord of={state} /> <strong>{alert}</strong>: {action}
          {serverId !== undefined && ` on ${serverId}`} <RelativeTime at={startedAt} />
          {undoneAt !== undefined && (
            <>
              , undone <RelativeTime at={undoneAt} />
            </>
          )}
          {detail !== undefined && <span className={styles.problem}>{detail}</span>}
        </li>
      ))}
    </ol>
  );
}
