import { Link } from '@tanstack/react-router';
import type { RunSummary } from '@testcast/contracts';
import { memo } from 'react';
import { formatDuration, formatElapsed } from '../../../format/duration.ts';
import { progressOf, timeLeft } from '../../../format/progress.ts';
import { useNow } from '../../../live/use-now.ts';
import { Mark } from '../../../ui/mark.tsx';
import { ProgressBar } from '../../../ui/progress-bar.tsx';
import { RelativeTime } from '../../../ui/relative-time.tsx';
import { runTitle } from '../run-title.ts';
import styles from './runs-page.module.css';
import { Worst } from './worst.tsx';

export const RunRow = memo(function RunRow({ run }: { run: RunSummary }) {
  const { projectId, runId, counts, expectedTests } = run;
  return (
    <li className={styles.row} data-run={runId}>
      <Mark of={run.failing ? 'failing' : run.status} />
      <div className={styles.what}>
        <Link
          to="/p/$projectId/runs/$runId"
          params={{ projectId, runId }}
          className={styles.name}
          data-row=""
          title={runId}
        >
          {runTitle(run)}
        </Link>
        <Origin run={run} />
      </div>
      <div className={styles.progress}>
        <ProgressBar counts={counts} expected={expectedTests} />
        <span className={styles.about}>{progressOf(counts, expectedTests).label}</span>
      </div>
      <div className={styles.worst}>
        <Worst counts={counts} />
      </div>
      <div className={styles.when}>{run.status === 'running' ? <RunningFor run={run} /> : <Ended run={run} />}</div>
    </li>
  );
});

/** Branch, commit, and who or what started it. */
function Origin({ run: { branch, commit, commitMessage, name, author, trigger } }: { run: RunSummary }) {
  const by = [author, trigger].filter((part) => part !== undefined).join(' via ');
  return (
    <span className={styles.origin} title={commitMessage}>
      {branch !== undefined && <code>{branch}</code>}
      {commit !== undefined && <code>{commit.slice(0, 8)}</code>}
      {name !== undefined && commitMessage !== undefined && <span>{commitMessage.split('\n', 1)[0]}</span>}
      {by !== '' && <span>by {by}</span>}
    </span>
  );
}

function RunningFor({ run }: { run: RunSummary }) {
  const elapsed = useNow() - run.startedAt;
  const left = timeLeft(progressOf(run.counts, run.expectedTests), elapsed);
  return (
    <>
      <span>{formatElapsed(elapsed)}</span>
      <span className={styles.about}>{left === undefined ? 'running' : `about ${formatElapsed(left)} left`}</span>
    </>
  );
}

function Ended({ run }: { run: RunSummary }) {
  return (
    <>
      <span title="from its beginning to its end">
        {run.durationMs === undefined ? '' : formatDuration(run.durationMs)}
      </span>
      <span className={styles.about}>
        <RelativeTime at={run.finishedAt ?? run.lastEventAt} />
      </span>
    </>
  );
}
