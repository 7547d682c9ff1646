import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { useLive } from '../../../live/live-context.ts';
import { isAdmin } from '../../../live/session.ts';
import { CommandLine } from '../../../ui/command-line.tsx';
import { Notice } from '../../../ui/notice.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { usePageTitle } from '../../../ui/use-page-title.ts';
import { firstUpload } from '../runs/first-commands.ts';
import { NewestRuns, withNewProjects } from '../store/newest-runs.ts';
import { useRowKeys } from '../use-row-keys.ts';
import { CreateProject } from './create-project.tsx';
import { ProjectRow } from './project-row.tsx';
import styles from './projects-page.module.css';

/** For projects that are made without a run: those with one are seen at once. */
const refreshMs = 5000;

export function ProjectsPage() {
  usePageTitle('');
  useRowKeys();
  const { client, session } = useLive();
  const newest = useMemo(() => new NewestRuns(client, session.grants), [client, session.grants]);
  useEffect(() => newest.open(), [newest]);
  const { runs, isWatched } = useSyncExternalStore(newest.subscribe, newest.view);
  const projects = useQuery({
    queryKey: ['projects'],
    queryFn: ({ signal }) => client.http.listProjects({ limit: 1000 }, { signal }),
    refetchInterval: refreshMs,
  });
  if (projects.isPending) return <Skeleton rows={5} />;
  if (projects.data === undefined) {
    return (
      <Notice title="The projects cannot be read" tone="failed">
        <p>{projects.error.message}</p>
      </Notice>
    );
  }
  const items = withNewProjects(projects.data.items, runs);
  const admin = isAdmin(session);
  if (items.length === 0) {
    return (
      <Notice title={admin ? 'Begin with a project' : 'You can see no project yet'}>
        {admin ? (
          <>
            <p>
              A project is what one suite, or one repository, reports to. Next you get the command to send a report.
            </p>
            <CreateProject />
            <p>Or send a report from the folder that the server was started in, which makes the project too:</p>
            <CommandLine text={firstUpload(window.location.origin)} />
          </>
        ) : (
          <p>Ask somebody who administers one for a sign-in link that includes it.</p>
        )}
      </Notice>
    );
  }
  return (
    <>
      <div className={styles.head}>
        <h1>Projects</h1>
        {admin && <CreateProject />}
      </div>
      <ul className={styles.list}>
        {items.map((project) => (
          <ProjectRow
            key={project.projectId}
            project={project}
            newest={runs.get(project.projectId) ?? (isWatched(project.projectId) ? null : undefined)}
          />
        ))}
      </ul>
    </>
  );
}
