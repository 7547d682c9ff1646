import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useRef } from 'react';
import { formatCount } from '../../../format/count.ts';
import { useLive } from '../../../live/live-context.ts';
import { useShortcuts } from '../../../shell/shortcuts.ts';
import { Announcer } from '../../../ui/announcer.tsx';
import { Banner, Notice } from '../../../ui/notice.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { usePageTitle } from '../../../ui/use-page-title.ts';
import { runTitle, shortRunId } from '../run-title.ts';
import type { RunSearch } from '../search-params.ts';
import { WatchedRun } from '../store/watched-run.ts';
import { moveFocus } from '../use-row-keys.ts';
import { Failures } from './failures.tsx';
import { missingFrom } from './missing.ts';
import { NewFailures } from './new-failures.tsx';
import { OutcomeCounters } from './outcome-counters.tsx';
import { RunHeader } from './run-header.tsx';
import styles from './run-page.module.css';
import { ShardLanes } from './shard-lanes.tsx';
import { TestList } from './test-list.tsx';
import { TestPanel } from './test-panel.tsx';
import { useSteadyScroll } from './use-steady-scroll.ts';
import { useCounts, useRunView, WatchedRunContext } from './watched-run-context.ts';

/** What failed, and is it done. */
export function RunPage() {
  const { client } = useLive();
  const { projectId, runId } = useParams({ from: '/app/p/$projectId/runs/$runId' });
  const watched = useMemo(() => new WatchedRun(client, { projectId, runId }), [client, projectId, runId]);
  useEffect(() => watched.open(), [watched]);
  return (
    <WatchedRunContext value={watched}>
      <WatchedRunPage key={`${projectId}/${runId}`} projectId={projectId} runId={runId} />
    </WatchedRunContext>
  );
}

function WatchedRunPage({ projectId, runId }: { projectId: string; runId: string }) {
  const { summary, loaded, done, ended } = useRunView();
  usePageTitle(summary === undefined ? runId : runTitle(summary));
  const begun = summary !== undefined || loaded > 0;

  const back = (
    <nav aria-label="Where you are" className={styles.crumbs}>
      <Link to="/p/$projectId" params={{ projectId }}>
        {projectId}
      </Link>
      <span aria-hidden="true">/</span>
      <span title={runId}>{shortRunId(runId)}</span>
    </nav>
  );
  if (ended !== undefined && !begun) {
    return (
      <Notice title="This run cannot be shown" tone="failed">
        <p>{ended.message}</p>
        {back}
      </Notice>
    );
  }
  if (!begun && !done) return <Skeleton rows={8} />;
  if (!begun) {
    return (
      <>
        {back}
        <Notice title="Waiting for the first result">
          <p>
            Nothing has arrived for the run <code>{runId}</code> yet. The page moves by itself when it does.
          </p>
          <p>If the run should be over by now, its address may be wrong, or its job did not get to send anything.</p>
        </Notice>
      </>
    );
  }
  return (
    <>
      {back}
      {ended !== undefined && (
        <Banner tone="failed">No longer watched: {ended.message} What is below stands still.</Banner>
      )}
      <BegunRun />
    </>
  );
}

function BegunRun() {
  const content = useRef<HTMLDivElement>(null);
  const failures = useRef<HTMLElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const { summary, done, loaded } = useRunView();
  const filter: RunSearch = useSearch({ from: '/app/p/$projectId/runs/$runId' });
  useSteadyScroll(content, list);
  useRunKeys(filter, search, list);
  const missing = summary === undefined ? undefined : missingFrom(summary);
  return (
    <div ref={content}>
      {summary === undefined ? <Skeleton rows={2} /> : <RunHeader run={summary} />}
      {missing !== undefined && <Banner tone="flaky">{missing}</Banner>}
      <OutcomeCounters selected={filter.outcome} />
      {!done && (
        <p className={styles.loading} role="status">
          Loading tests: {formatCount(loaded)} so far
        </p>
      )}
      {summary !== undefined && <ShardLanes run={summary} />}
      <Failures ref={failures} />
      <TestList filter={filter} searchRef={search} listRef={list} />
      <NewFailures failures={failures} />
      {filter.test !== undefined && <TestPanel key={filter.test} testKey={filter.test} />}
      <Spoken />
    </div>
  );
}

function useRunKeys(
  filter: RunSearch,
  search: React.RefObject<HTMLInputElement | null>,
  list: React.RefObject<HTMLDivElement | null>,
): void {
  const navigate = useNavigate();
  const { projectId } = useParams({ from: '/app/p/$projectId/runs/$runId' });
  useShortcuts({
    '/': () => {
      search.current?.focus();
      search.current?.scrollIntoView({ block: 'nearest' });
    },
    f: () => void moveFocus(1, '[data-failure]'),
    // The list, which is the last of the rows, takes these keys by itself while it has the focus.
    j: () => void moveFocus(1),
    k: () => void moveFocus(-1),
    Escape: () => {
      if (document.activeElement === search.current) search.current?.blur();
      else if (filter.test !== undefined) {
        void navigate({ to: '.', search: (before: RunSearch) => ({ ...before, test: undefined }) });
        list.current?.focus({ preventScroll: true });
      } else void navigate({ to: '/p/$projectId', params: { projectId } });
    },
  });
}

/** What a screen reader says now and then while the run moves. */
function Spoken() {
  const { summary } = useRunView();
  const counts = useCounts();
  const status = summary === undefined ? '' : `${summary.status}: `;
  return <Announcer text={`${status}${counts.failed} failed, ${counts.passed} passed, ${counts.tests} tests`} />;
}
