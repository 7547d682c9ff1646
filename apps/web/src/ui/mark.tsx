import type { AttemptStatus, Outcome, RunStatus } from '@testcast/contracts';
import styles from './mark.module.css';

export type Marked = Outcome | RunStatus | AttemptStatus | 'failing';

interface Look {
  readonly icon: string;
  readonly word: string;
  readonly tone: 'passed' | 'failed' | 'flaky' | 'skipped' | 'running';
}

export const looks: Record<Marked, Look> = {
  passed: { icon: '✓', word: 'passed', tone: 'passed' },
  failed: { icon: '✕', word: 'failed', tone: 'failed' },
  timedOut: { icon: '✕', word: 'timed out', tone: 'failed' },
  flaky: { icon: '↻', word: 'flaky', tone: 'flaky' },
  skipped: { icon: '–', word: 'skipped', tone: 'skipped' },
  pending: { icon: '○', word: 'pending', tone: 'skipped' },
  running: { icon: '•', word: 'running', tone: 'running' },
  failing: { icon: '•', word: 'failing', tone: 'failed' },
  interrupted: { icon: '⊘', word: 'interrupted', tone: 'flaky' },
  cancelled: { icon: '⊘', word: 'cancelled', tone: 'skipped' },
};

/** What became of something: icon, word and colour, so that none of the three is needed. */
export function Mark({ of, quiet = false }: { of: Marked; quiet?: boolean }) {
  const { icon, word, tone } = looks[of];
  return (
    <span className={styles.mark} data-tone={tone} data-moving={icon === '•'} title={quiet ? word : undefined}>
      <span className={styles.icon} aria-hidden="true">
        {icon}
      </span>
      <span className={quiet ? 'visually-hidden' : undefined}>{word}</span>
    </span>
  );
}
