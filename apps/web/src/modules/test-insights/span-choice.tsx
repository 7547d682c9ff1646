import { useNavigate } from '@tanstack/react-router';
import styles from './trends.module.css';
import { spanOf, spans, spanWords, stepOf, type TrendsSearch, trendsSearch } from './trends-search.ts';

/** Which time, and by what; both stand in the address. */
export function SpanChoice({ search }: { search: TrendsSearch }) {
  const navigate = useNavigate({ from: '/p/$projectId/trends' });
  const { steps } = spanOf(search.span);
  const change = (part: Record<string, string>): void =>
    void navigate({ search: () => trendsSearch({ ...search, ...part }), replace: true });
  return (
    <div className={styles.choice}>
      <select aria-label="Time" value={search.span ?? '30d'} onChange={({ target }) => change({ span: target.value })}>
        {spanWords.map((word) => (
          <option key={word} value={word}>
            {spans[word].name}
          </option>
        ))}
      </select>
      <select
        aria-label="By"
        value={stepOf(search)}
        disabled={steps.length === 1}
        onChange={({ target }) => change({ by: target.value })}
      >
        {steps.map((step) => (
          <option key={step} value={step}>
            by {step}
          </option>
        ))}
      </select>
    </div>
  );
}
