import type { RunSummary } from '@testcast/contracts';
import { formatDuration, formatElapsed } from '../../../format/duration.ts';
import { safeLink } from '../../../format/safe-link.ts';
import { progressOf, timeLeft } from '../../../format/progress.ts';
import { useNow } from '../../../live/use-now.ts';
import { ExternalLink } from '../../../ui/external-link.tsx';
import { Mark } from '../../../ui/mark.tsx';
import { ProgressBar } from '../../../ui/progress-bar.tsx';
import { RelativeTime } from '../../../ui/relative-time.tsx';
import { commitLink } from '../detail/repository-link.ts';
import { runTitle } from '../run-title.ts';
import styles from './run-page.module.css';
import { useCounts, useRunView, useTestsDuration } from './watched-run-context.ts';

export function RunHeader({ run }: { run: RunSummary }) {
  const { done } = useRunView();
  const counts = useCounts();
  const progress = progressOf(counts, run.expectedTests);
  const by = [run.author, run.trigger].filter((part) => part !== undefined).join(' via ');
  return (
    <header className={styles.header}>
      <div className={styles.title}>
        <Mark of={run.failing ? 'failing' : run.status} />
        <h1 title={run.runId}>{runTitle(run)}</h1>
      </div>
      <p className={styles.facts}>
        {run.branch !== undefined && <code>{run.branch}</code>}
        {run.commit !== undefined && (
          <code title={run.commitMessage}>
            <ExternalLink to={commitLink(run)}>{run.commit.slice(0, 10)}</ExternalLink>
          </code>
        )}
        {run.pullRequest !== undefined && <PullRequest pullRequest={run.pullRequest} />}
        {by !== '' && <span>by {by}</span>}
        {run.framework !== undefined && <span>{run.framework}</span>}
        {run.tags?.map((tag) => (
          <span key={tag} className={styles.tag}>
            {tag}
          </span>
        ))}
        {safeLink(run.url) !== undefined && <ExternalLink to={run.url}>CI job</ExternalLink>}
      </p>
      <ProgressBar counts={counts} expected={run.expectedTests} />
      <p className={styles.facts}>
        <span>{progress.label}</span>
        {run.status === 'running' ? (
          <Clock run={run} progress={progress} />
        ) : (
          <>
            {done && <TestsTook />}
            {run.durationMs !== undefined && <span>arrived within {formatDuration(run.durationMs)}</span>}
            <span>
              ended <RelativeTime at={run.finishedAt ?? run.lastEventAt} />
            </span>
          </>
        )}
      </p>
    </header>
  );
}

/** Not how long the run was open: of a report that was sent at the end that says only how long the sending took. */
function TestsTook() {
  const durationMs = useTestsDuration();
  return durationMs > 0 && <span>tests took {formatDuration(durationMs)} together</span>;
}

function Clock({ run, progress }: { run: RunSummary; progress: ReturnType<typeof progressOf> }) {
  const elapsed = useNow() - run.startedAt;
  const left = timeLeft(progress, elapsed);
  return (
    <>
      <span>{formatElapsed(elapsed)} so far</span>
      {left !== undefined && <span>about {formatElapsed(left)} left</span>}
    </>
  );
}

function PullRequest({ pullRequest: { number, url } }: { pullRequest: NonNullable<RunSummary['pullRequest']> }) {
  return (
    <span>
      <ExternalLink to={url}>#{number}</ExternalLink>
    </span>
  );
}
