import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Project } from '@testcast/contracts';
import { useLive } from '../../../live/live-context.ts';
import { isAdmin } from '../../../live/session.ts';
import { Mark } from '../../../ui/mark.tsx';
import { Notice } from '../../../ui/notice.tsx';
import { RelativeTime } from '../../../ui/relative-time.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { usePageTitle } from '../../../ui/use-page-title.ts';
import { runTitle } from '../run-title.ts';
import { CommandLine } from '../runs/command-line.tsx';
import { firstUpload } from '../runs/first-commands.ts';
import { useRowKeys } from '../use-row-keys.ts';
import { CreateProject } from './create-project.tsx';
import styles from './projects-page.module.css';

/** A project that a first report creates shows up by itself. */
const refreshMs = 5000;

export function ProjectsPage() {
  usePageTitle('');
  useRowKeys();
  const { client, session } = useLive();
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
  const { items } = projects.data;
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
          <ProjectRow key={project.projectId} project={project} />
        ))}
      </ul>
    </>
  );
}

function ProjectRow({ project: { projectId, name } }: { project: Project }) {
  const { http } = useLive().client;
  const latest = useQuery({
    queryKey: ['latest-run', projectId],
    queryFn: async ({ signal }) => (await http.listRuns(projectId, { limit: 1 }, { signal })).items[0] ?? null,
    refetchInterval: refreshMs,
  });
  const run = latest.data;
  return (
    <li className={styles.row}>
      <Link to="/p/$projectId" params={{ projectId }} className={styles.name} data-row="">
        {name}
        {name !== projectId && <span className={styles.id}>{projectId}</span>}
      </Link>
      {run === null && <span className={styles.about}>no runs yet</span>}
      {run !== null && run !== undefined && (
        <>
          <Mark of={run.failing ? 'failing' : run.status} />
          <span className={styles.latest}>{runTitle(run)}</span>
          <span className={styles.about}>
            <RelativeTime at={run.startedAt} />
          </span>
        </>
      )}
    </li>
  );
}
