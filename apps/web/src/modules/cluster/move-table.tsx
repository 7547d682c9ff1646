import type { ClusterMove } from '@testcast/contracts';
import { formatCount } from '../../format/count.ts';
import { RelativeTime } from '../../ui/relative-time.tsx';
import styles from './cluster-page.module.css';
import { StateWord } from './state-word.tsx';

const why: Record<ClusterMove['reason'], string> = {
  rebalance: 'load',
  drain: 'drain',
  manual: 'asked for',
  alert: 'alert',
};

/** Moves of connections, the newest first, as far as they have got. */
export function MoveTable({ moves }: { moves: readonly ClusterMove[] }) {
  if (moves.length === 0) return <p className={styles.about}>Nothing has moved lately.</p>;
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label="Table of moves">
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">From … to</th>
            <th scope="col">State</th>
            <th scope="col">Moved</th>
            <th scope="col">Why</th>
            <th scope="col">Ordered</th>
          </tr>
        </thead>
        <tbody>
          {moves.map((move) => (
            <tr key={move.id} data-move={move.id}>
              <th scope="row">
                {move.from} <span aria-hidden="true">→</span>
                <span className="visually-hidden">to</span> {move.to}
              </th>
              <td title={move.problem}>
                <StateWord of={move.state} />
                {move.problem !== undefined && <span className={styles.problem}>{move.problem}</span>}
              </td>
              <td>
                <Progress move={move} />
              </td>
              <td>{why[move.reason]}</td>
              <td>
                <RelativeTime at={move.orderedAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Progress({ move: { id, from, to, ordered, moved, failed } }: { move: ClusterMove }) {
  const label = `${formatCount(moved)} of ${formatCount(ordered)}${failed > 0 ? `, ${formatCount(failed)} not` : ''}`;
  return (
    <span className={styles.connections}>
      <span
        key={id}
        className={styles.bar}
        role="progressbar"
        aria-label={`Moved from ${from} to ${to}`}
        aria-valuemin={0}
        aria-valuemax={Math.max(1, ordered)}
        aria-valuenow={Math.min(moved, ordered)}
        aria-valuetext={label}
      >
        <span style={{ width: `${(100 * Math.min(moved, ordered)) / Math.max(1, ordered)}%` }} />
      </span>
      {label}
    </span>
  );
}
