import type { RunSummary, ShardSummary } from '@testcast/contracts';
import { useState } from 'react';
import { plural } from '../../../format/count.ts';
import { formatDuration, formatElapsed } from '../../../format/duration.ts';
import { useNow } from '../../../live/use-now.ts';
import { Button } from '../../../ui/button.tsx';
import { ExternalLink } from '../../../ui/external-link.tsx';
import { Mark } from '../../../ui/mark.tsx';
import { type RunningTest, shardKey } from '../store/running-tests.ts';
import styles from './run-page.module.css';
import { usePacedTests, useWatchedRun } from './watched-run-context.ts';

const shownShards = 8;
const shownTests = 3;

/** One thin lane a shard: what it does now, or how long it took. Running ones first. */
export function ShardLanes({ run }: { run: RunSummary }) {
  const { shards, shardsLeftOut = 0 } = run;
  const isRunning = run.status === 'running';
  usePacedTests(250);
  const { running } = useWatchedRun();
  const [all, setAll] = useState(false);
  if (shards.length === 0) return null;
  const now = running.byShard();
  const sorted = [...shards].sort(
    (a, b) =>
      Number(b.status === 'running') - Number(a.status === 'running') ||
      a.shardId.localeCompare(b.shardId, 'en', { numeric: true }),
  );
  const open = shards.filter(({ status }) => status === 'running').length;
  return (
    <section className={styles.shards} aria-labelledby="shards">
      <h2 id="shards">
        {plural(shards.length + shardsLeftOut, 'shard')}
        {isRunning && open > 0 && <span className={styles.about}> {open} running</span>}
      </h2>
      <ul>
        {sorted.slice(0, all ? undefined : shownShards).map((shard) => (
          <Lane
            key={shardKey(shard)}
            shard={shard}
            tests={now.get(shardKey(shard)) ?? []}
            stopped={!isRunning && shard.status === 'running'}
          />
        ))}
      </ul>
      {!all && sorted.length > shownShards && (
        <Button onClick={() => setAll(true)}>Show {sorted.length - shownShards} more</Button>
      )}
      {all && shardsLeftOut > 0 && <p className={styles.about}>{shardsLeftOut} more are not listed here.</p>}
    </section>
  );
}

function Lane({ shard, tests, stopped }: { shard: ShardSummary; tests: readonly RunningTest[]; stopped: boolean }) {
  const { shardId, rerun, variant, status, startedAt, finishedAt, jobUrl } = shard;
  return (
    <li className={styles.lane}>
      {status === 'finished' ? (
        <span className={styles.about}>✓ finished</span>
      ) : (
        <Mark of={stopped ? 'interrupted' : 'running'} />
      )}
      <span className={styles.shardName}>
        <ExternalLink to={jobUrl}>{shardId}</ExternalLink>
        {variant !== '' && <span className={styles.about}> {variant}</span>}
        {rerun !== 1 && <span className={styles.about}> rerun {rerun}</span>}
      </span>
      <span className={styles.now}>
        {status === 'running' && tests.length > 0
          ? tests.slice(0, shownTests).map(({ testKey, title, worker }) => (
              <span key={testKey} title={worker === undefined ? title : `${title} (worker ${worker})`}>
                {title}
              </span>
            ))
          : null}
        {tests.length > shownTests && <span className={styles.about}>+{tests.length - shownTests}</span>}
      </span>
      <span className={styles.about}>
        {finishedAt !== undefined ? (
          formatDuration(finishedAt - startedAt)
        ) : stopped ? (
          'never ended'
        ) : (
          <Since at={startedAt} />
        )}
      </span>
    </li>
  );
}

function Since({ at }: { at: number }) {
  return formatElapsed(useNow() - at);
}
