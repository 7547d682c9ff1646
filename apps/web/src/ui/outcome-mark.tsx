import type { AttemptStatus, Outcome, RunStatus } from '@testcast/contracts';
import styles from './outcome-mark.module.css';

export type Mark = Outcome | AttemptStatus | RunStatus | 'failing';

const marks: Record<Mark, readonly [icon: string, word: string]> = {
  passed: ['✓', 'passed'],
  failed: ['✕', 'failed'],
  timedOut: ['✕', 'timed out'],
  flaky: ['↻', 'flaky'],
  skipped: ['–', 'skipped'],
  pending: ['○', 'pending'],
  running: ['●', 'running'],
  failing: ['●', 'failing'],
  interrupted: ['⊘', 'interrupted'],
  cancelled: ['⊘', 'cancelled'],
};

/** Icon, word and colour: never colour alone. `brief` leaves the word to screen readers and the tooltip. */
export function OutcomeMark({ outcome, brief = false }: { outcome: Mark; brief?: boolean }) {
  const [icon, word] = marks[outcome];
  return (
    <span className={styles.mark} data-outcome={outcome} title={brief ? word : undefined}>
      <span className={styles.icon} aria-hidden="true">
        {icon}
      </span>
      <span className={brief ? 'visually-hidden' : undefined}>{word}</span>
    </span>
  );
}
