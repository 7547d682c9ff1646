import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { TestcastError } from '@testcast/client';
import type { TestDetail } from '@testcast/contracts';
import { useLive } from '../../../live/live-context.ts';
import { ExternalLink } from '../../../ui/external-link.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { useRunView, useWatchedRun } from '../run/watched-run-context.ts';
import { AttemptView } from './attempt-view.tsx';
import styles from './detail.module.css';
import { OutputTail } from './output-tail.tsx';
import { fileLink } from './repository-link.ts';

/** A test with everything that its attempts reported; `version` is the row's, so that what is new is read. */
export function TestDetailView({ testKey, version }: { testKey: string; version: number }) {
  const { client } = useLive();
  const { ref } = useWatchedRun();
  const detail = useQuery({
    queryKey: ['test', ref.projectId, ref.runId, testKey, version],
    queryFn: async ({ signal }) => {
      const read = await client.http.getTest(ref, testKey, { signal });
      // Events reach the page before the read model: what is older than what the page knows is asked for again.
      if (read.version < version) throw new TestcastError('network.failed', 'Not written yet.', { temporary: true });
      return read;
    },
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    retry: 5,
    retryDelay: (count) => 100 * 2 ** count,
  });
  if (detail.data === undefined) {
    return detail.error === null ? (
      <Skeleton rows={2} />
    ) : (
      <p role="alert" className={styles.error}>
        The details cannot be read: {detail.error.message}{' '}
        <button type="button" onClick={() => void detail.refetch()}>
          Try again
        </button>
      </p>
    );
  }
  return (
    <div className={styles.detail}>
      <Facts test={detail.data} />
      <Attempts test={detail.data} />
      <OutputTail testKey={testKey} />
    </div>
  );
}

function Facts({ test }: { test: TestDetail }) {
  const { summary } = useRunView();
  const { file, line, suite, variant, tags = [], owner, testId } = test;
  const place = file === undefined ? undefined : `${file}${line === undefined ? '' : `:${line}`}`;
  const link = file === undefined || summary === undefined ? undefined : fileLink(summary, file, line);
  return (
    <p className={styles.facts}>
      {place !== undefined && (
        <code>
          <ExternalLink to={link}>{place}</ExternalLink>
        </code>
      )}
      {suite.length > 0 && <span>{suite.join(' › ')}</span>}
      {place === undefined && suite.length === 0 && <code>{testId}</code>}
      {variant !== '' && <span>{variant}</span>}
      {owner !== undefined && <span>owner {owner}</span>}
      {tags.map((tag) => (
        <span key={tag}>{tag}</span>
      ))}
    </p>
  );
}

/** The last attempt that did not pass is open: it is why somebody looks. */
function Attempts({ test: { attempts } }: { test: TestDetail }) {
  const telling = attempts.findLastIndex(({ error, stack }) => error !== undefined || stack !== undefined);
  return (
    <ol className={styles.attempts}>
      {attempts.map((attempt, index) => (
        <AttemptView
          key={`${attempt.rerun}/${attempt.attempt}/${attempt.shardId}`}
          attempt={attempt}
          startsOpen={index === telling}
        />
      ))}
    </ol>
  );
}
