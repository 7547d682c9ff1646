import type { RunCounts } from '@testcast/contracts';
import { progressOf } from '../format/progress.ts';
import styles from './progress-bar.module.css';

const segments = ['failed', 'flaky', 'passed', 'skipped'] as const;

/** How much of a run is there, by outcome. What is not known to be coming is not drawn as missing. */
export function ProgressBar({ counts, expected }: { counts: RunCounts; expected: number | undefined }) {
  const { received, total, label } = progressOf(counts, expected);
  return (
    <div
      className={styles.bar}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={Math.max(1, total)}
      aria-valuenow={received}
      title={label}
    >
      {segments
        .filter((outcome) => counts[outcome] > 0)
        .map((outcome) => (
          <span
            key={outcome}
            data-outcome={outcome}
            // A single failure among thousands must still be seen.
            style={{ flexGrow: counts[outcome], minWidth: 3 }}
          />
        ))}
      {total > received && <span style={{ flexGrow: total - received }} />}
    </div>
  );
}
