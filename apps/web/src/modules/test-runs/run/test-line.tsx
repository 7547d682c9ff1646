import { memo } from 'react';
import { formatDuration } from '../../../format/duration.ts';
import { Mark } from '../../../ui/mark.tsx';
import styles from './test-list.module.css';
import { useShownOutcome, useTestRow } from './watched-run-context.ts';

/** One test in the list; it renders anew only when its own row has changed. `place`, such as `3/120`: it is the active one. */
export const TestLine = memo(function TestLine({
  testKey,
  place,
  isOpen,
  onOpen,
}: {
  testKey: string;
  place: string | undefined;
  isOpen: boolean;
  onOpen: (testKey: string) => void;
}) {
  const row = useTestRow(testKey);
  const shown = useShownOutcome(testKey);
  if (row === undefined || shown === undefined) return null;
  const { title, suite, file, variant, outcome, durationMs, attempts } = row;
  const [position, size] = place?.split('/').map(Number) ?? [];
  return (
    <div
      id={`test-${testKey}`}
      className={styles.line}
      role="option"
      aria-selected={isOpen}
      aria-posinset={position}
      aria-setsize={size}
      data-active={place !== undefined}
      data-test={testKey}
      data-outcome={outcome}
      onClick={() => onOpen(testKey)}
    >
      <Mark of={shown} quiet />
      <span className={styles.name}>
        <span className={styles.path}>{[file, ...suite].filter(Boolean).join(' › ')}</span> {title}
      </span>
      {variant !== '' && <span className={styles.variant}>{variant}</span>}
      {attempts.length > 1 && <span className={styles.attempts}>×{attempts.length}</span>}
      <span className={styles.duration}>{durationMs === undefined ? '' : formatDuration(durationMs)}</span>
    </div>
  );
});
