import { useNavigate } from '@tanstack/react-router';
import { formatCount } from '../../../format/count.ts';
import { looks } from '../../../ui/mark.tsx';
import { outcomeWords, type RunSearch } from '../search-params.ts';
import type { ShownOutcome } from '../store/shown-outcome.ts';
import styles from './run-page.module.css';
import { useShownCounts } from './watched-run-context.ts';

/** Live counts; a click shows the tests that are counted, another one shows all again. */
export function OutcomeCounters({ selected }: { selected: ShownOutcome | undefined }) {
  const counts = useShownCounts();
  const navigate = useNavigate();
  const choose = (outcome: ShownOutcome): void =>
    void navigate({
      to: '.',
      search: (before: RunSearch) => ({ ...before, outcome: selected === outcome ? undefined : outcome }),
      replace: true,
      resetScroll: false,
    });
  return (
    <div className={styles.counters} role="group" aria-label="Filter by outcome">
      {outcomeWords.map((outcome) => {
        const count = counts[outcome];
        const { icon, word, tone } = looks[outcome];
        return (
          <button
            key={outcome}
            type="button"
            className={styles.counter}
            data-tone={count > 0 ? tone : 'none'}
            data-counter={outcome}
            aria-pressed={selected === outcome}
            onClick={() => choose(outcome)}
          >
            <span aria-hidden="true">{icon}</span>
            <b>{formatCount(count)}</b> {word}
          </button>
        );
      })}
    </div>
  );
}
