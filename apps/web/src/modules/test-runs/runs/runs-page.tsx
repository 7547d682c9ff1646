import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { TestcastError } from '@testcast/client';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useLive } from '../../../live/live-context.ts';
import { isAdminOf } from '../../../live/session.ts';
import { useShortcuts } from '../../../shell/shortcuts.ts';
import { Announcer } from '../../../ui/announcer.tsx';
import { Button } from '../../../ui/button.tsx';
import { Banner, Notice } from '../../../ui/notice.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { usePageTitle } from '../../../ui/use-page-title.ts';
import { CreateProject } from '../projects/create-project.tsx';
import type { RunsSearch } from '../search-params.ts';
import { mergeRuns, ProjectRuns } from '../store/project-runs.ts';
import { useRowKeys } from '../use-row-keys.ts';
import { FirstRun } from './first-run.tsx';
import { RunFilters } from './run-filters.tsx';
import { RunRow } from './run-row.tsx';
import styles from './runs-page.module.css';

/** What is running, what just broke. */
export function RunsPage() {
  const { projectId } = useParams({ from: '/app/p/$projectId' });
  // Another project is another page: nothing of the one before may show through.
  return <ProjectRunsPage key={projectId} projectId={projectId} />;
}

function ProjectRunsPage({ projectId }: { projectId: string }) {
  usePageTitle(projectId);
  const filter: RunsSearch = useSearch({ from: '/app/p/$projectId' });
  const filtered = Object.values(filter).some((value) => value !== undefined);
  const { view, older, showOlder } = useRuns(projectId, filter, filtered);
  const navigate = useNavigate();
  const search = useRef<HTMLInputElement>(null);
  useRowKeys();
  useShortcuts({
    '/': () => search.current?.focus(),
    Escape: () => {
      if (document.activeElement === search.current) search.current?.blur();
      else void navigate({ to: '/' });
    },
  });
  const runs = useMemo(
    () => mergeRuns(view.runs, older.data?.pages.flatMap(({ items }) => items) ?? [], filter),
    [view.runs, older.data, filter],
  );

  const refused = view.ended ?? (older.error instanceof TestcastError && !older.error.temporary ? older.error : null);
  if (refused !== null) return <Refused projectId={projectId} error={refused} />;
  if (!view.loaded && runs.length === 0) return <Skeleton rows={8} />;
  if (view.runs.size === 0 && !filtered) return <FirstRun projectId={projectId} />;
  const running = runs.filter(({ status }) => status === 'running').length;
  return (
    <>
      <div className={styles.head}>
        <h1>{projectId}</h1>
        <span className={styles.about}>{running === 0 ? 'nothing running' : `${running} running`}</span>
        <Link to="/p/$projectId/trends" params={{ projectId }}>
          Trends
        </Link>
        <RunFilters runs={view.runs} filter={filter} searchRef={search} />
      </div>
      {older.error !== null && <Banner tone="failed">Older runs cannot be read: {older.error.message}</Banner>}
      <ol className={styles.list} aria-label="Runs">
        {runs.map((run) => (
          <RunRow key={run.runId} run={run} />
        ))}
      </ol>
      {runs.length === 0 && !older.isFetching && (
        <p className={styles.none}>
          No run matches.{' '}
          <Link to="/p/$projectId" params={{ projectId }}>
            Show all
          </Link>
        </p>
      )}
      {older.isFetching && <Skeleton rows={2} />}
      <Older older={older} requested={showOlder} full={view.runs.size >= 50} />
      <Announcer text={`${running} of ${runs.length} runs are running`} />
    </>
  );
}

function useRuns(projectId: string, filter: RunsSearch, filtered: boolean) {
  const { client } = useLive();
  const live = useMemo(() => new ProjectRuns(client, projectId), [client, projectId]);
  useEffect(() => live.open(), [live]);
  const view = useSyncExternalStore(live.subscribe, live.view);
  const [wanted, setWanted] = useState(false);
  const older = useInfiniteQuery({
    queryKey: ['runs', projectId, filter],
    queryFn: ({ pageParam, signal }) => {
      const { branch, status, q } = filter;
      return client.http.listRuns(projectId, { branch, status, search: q, after: pageParam }, { signal });
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    // The live window is the first page, as long as nothing is asked of older runs.
    enabled: filtered || wanted || (view.loaded && view.runs.size === 0),
  });
  return { view, older, showOlder: wanted ? undefined : () => setWanted(true) };
}

function Older({
  older,
  requested,
  full,
}: {
  older: ReturnType<typeof useRuns>['older'];
  requested: (() => void) | undefined;
  full: boolean;
}) {
  if (older.data === undefined) {
    return full && requested !== undefined ? (
      <Button className={styles.older} onClick={requested}>
        Older runs
      </Button>
    ) : null;
  }
  if (!older.hasNextPage) return null;
  return (
    <Button className={styles.older} disabled={older.isFetching} onClick={() => void older.fetchNextPage()}>
      Older runs
    </Button>
  );
}

function Refused({ projectId, error }: { projectId: string; error: TestcastError }) {
  const { session } = useLive();
  if (error.code !== 'project.unknown') {
    return (
      <Notice title={`${projectId} cannot be shown`} tone="failed">
        <p>{error.message}</p>
        <p>
          <Link to="/">Go to the projects</Link>
        </p>
      </Notice>
    );
  }
  return (
    <Notice title={`There is no project ${projectId}`}>
      <p>
        It may have another name: <Link to="/">see the projects</Link>.
      </p>
      {isAdminOf(session, projectId) && (
        <>
          <p>Or make it:</p>
          <CreateProject wanted={projectId} />
        </>
      )}
    </Notice>
  );
}
