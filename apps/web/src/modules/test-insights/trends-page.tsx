import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import type { Trends } from '@testcast/contracts';
import { useMemo, useState } from 'react';
import { formatCount } from '../../format/count.ts';
import { useShortcuts } from '../../shell/shortcuts.ts';
import { Button } from '../../ui/button.tsx';
import { Banner, Notice } from '../../ui/notice.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { usePageTitle } from '../../ui/use-page-title.ts';
import { SpanChoice } from './span-choice.tsx';
import { TrendCharts } from './trend-charts.tsx';
import { bucketsOf, describeBucket, formatShare, sumOf } from './trend-figures.ts';
import { TrendTable } from './trend-table.tsx';
import styles from './trends.module.css';
import { spanOf, type TrendsSearch } from './trends-search.ts';
import { useTrends } from './use-trends.ts';

/** Does it get better or worse. */
export function TrendsPage() {
  const { projectId } = useParams({ from: '/app/p/$projectId/trends' });
  const search: TrendsSearch = useSearch({ from: '/app/p/$projectId/trends' });
  usePageTitle(`Trends of ${projectId}`);
  const navigate = useNavigate();
  useShortcuts({ Escape: () => void navigate({ to: '/p/$projectId', params: { projectId } }) });
  const trends = useTrends(projectId, search);
  return (
    <>
      <nav aria-label="Where you are" className={styles.crumbs}>
        <Link to="/p/$projectId" params={{ projectId }}>
          {projectId}
        </Link>
        <span aria-hidden="true">/</span>
        <span>trends</span>
      </nav>
      <div className={styles.head}>
        <h1>Trends</h1>
        <SpanChoice search={search} />
      </div>
      {trends.error !== null && trends.data !== undefined && (
        <Banner tone="failed">Not read again: {trends.error.message} What is below stands still.</Banner>
      )}
      {trends.data !== undefined ? (
        <Shown key={trends.data.step} trends={trends.data} projectId={projectId} search={search} />
      ) : trends.error !== null ? (
        <Notice title="The trends cannot be read" tone="failed">
          <p>{trends.error.message}</p>
          <Button onClick={() => void trends.refetch()}>Try again</Button>
        </Notice>
      ) : (
        <Skeleton rows={8} />
      )}
    </>
  );
}

function Shown({ trends, projectId, search }: { trends: Trends; projectId: string; search: TrendsSearch }) {
  const { step } = trends;
  const buckets = useMemo(() => bucketsOf(trends), [trends]);
  const sum = sumOf(buckets);
  // By its time, not by its place: an hour later every place is another hour's.
  const [pickedAt, setPickedAt] = useState<number>();
  const found = buckets.findIndex(({ at }) => at === pickedAt);
  const latest = buckets.findLastIndex(({ results }) => results > 0);
  const picked = found === -1 ? latest : found;
  const pick = (index: number): void => setPickedAt(buckets[index]?.at);
  if (sum.results === 0) {
    return (
      <Notice title={`No results in the ${spanOf(search.span).name}`}>
        <p>
          Trends count each test once a run, from its first result on. Take a longer time above, or{' '}
          <Link to="/p/$projectId" params={{ projectId }}>
            see the runs
          </Link>
          , where an empty project shows how to send a report.
        </p>
      </Notice>
    );
  }
  const says = describeBucket(buckets[picked]!, step);
  return (
    <>
      <dl className={styles.figures}>
        <Figure name="Results" value={formatCount(sum.results)} />
        <Figure name="Pass rate" value={formatShare(sum.passRate)} />
        <Figure name="Failed" value={formatCount(sum.failed)} tone={sum.failed > 0 ? 'failed' : undefined} />
        <Figure name="Flaky" value={formatCount(sum.flaky)} tone={sum.flaky > 0 ? 'flaky' : undefined} />
      </dl>
      <div className={styles.reading}>
        <input
          type="range"
          aria-label={step === 'day' ? 'Day' : 'Hour'}
          aria-valuetext={says}
          min={0}
          max={buckets.length - 1}
          value={picked}
          onChange={({ target }) => pick(Number(target.value))}
        />
        <p>{says}</p>
      </div>
      <TrendCharts buckets={buckets} step={step} picked={picked} onPick={pick} />
      <TrendTable buckets={buckets} step={step} />
    </>
  );
}

function Figure({ name, value, tone }: { name: string; value: string; tone?: 'failed' | 'flaky' | undefined }) {
  return (
    <div data-outcome={tone}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
