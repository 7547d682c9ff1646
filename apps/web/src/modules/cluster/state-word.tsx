import type { ClusterMove, ClusterNodeRow, ClusterResponse } from '@testcast/contracts';
import styles from './cluster-page.module.css';

type State = ClusterNodeRow['state'] | 'drained' | 'cut-off' | ClusterMove['state'] | ClusterResponse['state'];

const looks: Record<State, { readonly icon: string; readonly word: string; readonly tone: string }> = {
  up: { icon: '✓', word: 'up', tone: 'passed' },
  draining: { icon: '↷', word: 'draining', tone: 'flaky' },
  drained: { icon: '✓', word: 'drained', tone: 'skipped' },
  'cut-off': { icon: '⊘', word: 'no database', tone: 'failed' },
  out: { icon: '✕', word: 'not heard of', tone: 'failed' },
  ordered: { icon: '○', word: 'ordered', tone: 'skipped' },
  running: { icon: '•', word: 'running', tone: 'running' },
  done: { icon: '✓', word: 'done', tone: 'passed' },
  failed: { icon: '✕', word: 'failed', tone: 'failed' },
  expired: { icon: '⊘', word: 'expired', tone: 'flaky' },
  undone: { icon: '↶', word: 'undone', tone: 'skipped' },
};

/** How something stands: icon, word and colour, so that none of the three is needed. */
export function StateWord({ of }: { of: State }) {
  const { icon, word, tone } = looks[of];
  return (
    <span className={styles.state} data-tone={tone}>
      <span aria-hidden="true">{icon}</span> {word}
    </span>
  );
}
