import { memo } from 'react';
import { formatDuration } from '../../../format/duration.ts';
import { Mark } from '../../../ui/mark.tsx';
import styles from './test-list.module.css';
import { useTestRow } from './watched-run-context.ts';

/** One test in the list; it renders anew only when its own row has changed. */
export const TestLine = memo(
  function TestLine({
    testKey,
    position,
    size,
    top,
    isActive,
    isOpen,
    onOpen,
  }: {
    testKey: string;
    position: number;
    size: number;
    top: number;
    isActive: boolean;
    isOpen: boolean;
    onOpen: (testKey: string) => void;
  }) {
    const row = useTestRow(testKey);
    if (row === undefined) return null;
    const { title, suite, file, variant, outcome, running, durationMs, attempts } = row;
    return (
      <div
        id={`test-${testKey}`}
        className={styles.line}
        style={{ transform: `translateY(${top}px)` }}
        role="option"
        aria-selected={isOpen}
        aria-posinset={position}
        aria-setsize={size}
        data-active={isActive}
        data-test={testKey}
        data-outcome={outcome}
        onClick={() => onOpen(testKey)}
      >
        <Mark of={running && outcome === 'pending' ? 'running' : outcome} quiet />
        <span className={styles.name}>
          <span className={styles.path}>{[file, ...suite].filter(Boolean).join(' › ')}</span> {title}
        </span>
        {variant !== '' && <span className={styles.variant}>{variant}</span>}
        {attempts.length > 1 && <span className={styles.attempts}>×{attempts.length}</span>}
        <span className={styles.duration}>{durationMs === undefined ? '' : formatDuration(durationMs)}</span>
      </div>
    );
  },
  // `onOpen` is new with every rendering of the list and does the same.
  (a, b) =>
    a.testKey === b.testKey &&
    a.position === b.position &&
    a.top === b.top &&
    a.size === b.size &&
    a.isActive === b.isActive &&
    a.isOpen === b.isOpen,
);
