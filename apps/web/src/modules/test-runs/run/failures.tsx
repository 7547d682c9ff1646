import { type Ref, useState, useSyncExternalStore } from 'react';
import { formatCount, plural } from '../../../format/count.ts';
import { formatDuration } from '../../../format/duration.ts';
import { Button } from '../../../ui/button.tsx';
import { TestDetailView } from '../detail/test-detail.tsx';
import type { FailureGroup } from '../store/failure-groups.ts';
import styles from './failures.module.css';
import { useTestRow, useWatchedRun } from './watched-run-context.ts';

const shownGroups = 25;
const shownTests = 5;
const moreTests = 50;

/** Failed tests before all others, grouped by what they have in common. */
export function Failures({ ref }: { ref: Ref<HTMLElement> }) {
  const { tests } = useWatchedRun();
  const groups = useSyncExternalStore(tests.subscribeList, () => tests.failureGroups);
  const [limit, setLimit] = useState(shownGroups);
  const failed = groups.reduce((sum, { keys }) => sum + keys.length, 0);
  if (failed === 0) return <section ref={ref} />;
  return (
    <section ref={ref} className={styles.failures} aria-labelledby="failures">
      <h2 id="failures" data-anchor="failures">
        {plural(failed, 'failure')}
        {groups.length > 1 && <span className={styles.about}> in {plural(groups.length, 'group')}</span>}
      </h2>
      {groups.slice(0, limit).map((group) => (
        <Group key={group.signature} group={group} />
      ))}
      {groups.length > limit && (
        <Button onClick={() => setLimit(limit + shownGroups)}>
          Show more of {formatCount(groups.length - limit)} other groups
        </Button>
      )}
    </section>
  );
}

function Group({ group }: { group: FailureGroup }) {
  const [limit, setLimit] = useState(shownTests);
  const { signature, title, keys } = group;
  return (
    <div className={styles.group} data-anchor={`g:${signature}`}>
      <h3 className={styles.message}>
        <span className={styles.count} title={plural(keys.length, 'test')}>
          {formatCount(keys.length)}
          <span className="visually-hidden">{keys.length === 1 ? ' test:' : ' tests:'}</span>
        </span>
        <span>{title}</span>
      </h3>
      <ul>
        {keys.slice(0, limit).map((testKey) => (
          <Failure key={testKey} testKey={testKey} />
        ))}
      </ul>
      {keys.length > limit && (
        <button type="button" className={styles.more} onClick={() => setLimit(limit + moreTests)}>
          {formatCount(keys.length - limit)} more with this message
        </button>
      )}
    </div>
  );
}

function Failure({ testKey }: { testKey: string }) {
  const row = useTestRow(testKey);
  const [open, setOpen] = useState(false);
  if (row === undefined) return null;
  const { title, suite, file, variant, attempts, durationMs } = row;
  return (
    <li data-anchor={`f:${testKey}`} className={styles.failure} data-open={open}>
      <button type="button" data-row="" data-failure={testKey} aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className={styles.cross} aria-hidden="true">
          ✕
        </span>
        <span className={styles.name}>
          <span className={styles.path}>{[file, ...suite].filter(Boolean).join(' › ')}</span>
          <span>{title}</span>
        </span>
        {variant !== '' && <span className={styles.about}>{variant}</span>}
        {attempts.length > 1 && <span className={styles.about}>{plural(attempts.length, 'attempt')}</span>}
        {durationMs !== undefined && <span className={styles.about}>{formatDuration(durationMs)}</span>}
        <span className={styles.about} aria-hidden="true">
          {open ? '▾' : '▸'}
        </span>
      </button>
      {open && (
        <div className={styles.detail}>
          <TestDetailView testKey={testKey} version={row.version} />
        </div>
      )}
    </li>
  );
}
