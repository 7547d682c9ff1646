import type { RunCounts } from '@testcast/contracts';
import { formatCount } from '../../../format/count.ts';
import styles from './worst.module.css';

/** How many tests of a run failed; where none did, how many were flaky. */
export function Worst({ counts: { failed, flaky } }: { counts: RunCounts }) {
  const worst = failed > 0 ? 'failed' : flaky > 0 ? 'flaky' : 'none';
  return (
    <span className={styles.worst} data-worst={worst}>
      {worst === 'flaky' ? `${formatCount(flaky)} flaky` : `${formatCount(failed)} failed`}
    </span>
  );
}
