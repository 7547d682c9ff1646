import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { RunSummary } from '@testcast/contracts';
import { memo } from 'react';
import { useConnectionState, useLive } from '../../../live/live-context.ts';
import { Mark } from '../../../ui/mark.tsx';
import { ProgressBar } from '../../../ui/progress-bar.tsx';
import { RelativeTime } from '../../../ui/relative-time.tsx';
import { runTitle } from '../run-title.ts';
import { Worst } from '../runs/worst.tsx';
import type { ListedProject } from '../store/newest-runs.ts';
import styles from './projects-page.module.css';

/** `newest`: null where it is known that there is none, undefined where nobody has told. */
export const ProjectRow = memo(function ProjectRow({
  project: { projectId, name },
  newest,
}: {
  project: ListedProject;
  newest: RunSummary | null | undefined;
}) {
  const read = useReadInstead(projectId, newest === undefined);
  const run = newest === undefined ? read : newest;
  return (
    <li className={styles.row} data-project={projectId}>
      <Link to="/p/$projectId" params={{ projectId }} className={styles.name} data-row="">
        {name}
        {name !== projectId && <span className={styles.id}>{projectId}</span>}
      </Link>
      {run === null && <span className={styles.about}>no runs yet</span>}
      {run !== null && run !== undefined && (
        <>
          <Mark of={run.failing ? 'failing' : run.status} />
          <span className={styles.latest}>{runTitle(run)}</span>
          <ProgressBar counts={run.counts} expected={run.expectedTests} />
          <Worst counts={run.counts} />
          <span className={styles.when}>
            <RelativeTime at={run.startedAt} />
          </span>
        </>
      )}
    </li>
  );
});

const refreshMs = 5000;

/** Where the connection is away, or has no room for the project, it is asked for now and then. */
function useReadInstead(projectId: string, wanted: boolean): RunSummary | null | undefined {
  const { http } = useLive().client;
  const { name } = useConnectionState();
  const read = useQuery({
    queryKey: ['newest-run', projectId],
    queryFn: async ({ signal }) => (await http.listRuns(projectId, { limit: 1 }, { signal })).items[0] ?? null,
    refetchInterval: refreshMs,
    // What is being watched arrives in a moment.
    enabled: wanted && name !== 'connecting' && name !== 'catchingUp',
  });
  return read.data;
}
