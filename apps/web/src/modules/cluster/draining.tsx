import type { ClusterMove, ClusterNodeRow } from '@testcast/contracts';
import { useNow } from '../../live/use-now.ts';
import styles from './cluster-page.module.css';
import { drainProgressOf } from './drain-progress.ts';

/** Below the state of a server that takes nobody: what becomes of whom it has. */
export function Draining({
  node,
  nodes,
  moves,
}: {
  node: ClusterNodeRow;
  nodes: readonly ClusterNodeRow[];
  moves: readonly ClusterMove[];
}) {
  const progress = drainProgressOf(node, nodes, moves, useNow());
  if (progress === undefined) return <span className={styles.problem}>empty: nobody is connected</span>;
  const { says, moved, of } = progress;
  return (
    <>
      <span className={styles.problem}>{says}</span>
      {moved !== undefined && of !== undefined && (
        <span
          className={styles.bar}
          role="progressbar"
          aria-label={`Given away by ${node.serverId}`}
          aria-valuemin={0}
          aria-valuemax={of}
          aria-valuenow={moved}
          aria-valuetext={`${moved} of ${of}, ${says}`}
        >
          <span style={{ width: `${(100 * moved) / of}%` }} />
        </span>
      )}
    </>
  );
}
