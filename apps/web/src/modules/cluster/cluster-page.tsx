import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { plural } from '../../format/count.ts';
import { useLive } from '../../live/live-context.ts';
import { isAdminOf } from '../../live/session.ts';
import { Announcer } from '../../ui/announcer.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { usePageTitle } from '../../ui/use-page-title.ts';
import { AskFirst } from './ask-first.tsx';
import styles from './cluster-page.module.css';
import { ClusterRows, type ClusterState } from './cluster-rows.ts';
import { isDrained } from './drain-progress.ts';
import { LogFigures } from './log-figures.tsx';
import { MoveTable } from './move-table.tsx';
import { NodeTable } from './node-table.tsx';
import { ResponseList } from './response-list.tsx';
import { rebalanceWill } from './what-will-happen.ts';

/** Is the system well? */
export function ClusterPage() {
  usePageTitle('Cluster');
  const { session } = useLive();
  if (isAdminOf(session, '*')) return <WholeCluster />;
  return (
    <Notice title="The cluster is for admins of everything">
      <p>Ask one of them for a sign-in link that covers every project.</p>
    </Notice>
  );
}

function WholeCluster() {
  const { client } = useLive();
  const rows = useMemo(() => new ClusterRows(client), [client]);
  useEffect(() => rows.open(), [rows]);
  const cluster = useSyncExternalStore(rows.subscribe, rows.state);
  if (cluster.ended !== undefined) {
    return (
      <Notice title="The cluster cannot be shown" tone="failed">
        <p>{cluster.ended.message}</p>
      </Notice>
    );
  }
  if (!cluster.loaded) return <Skeleton rows={6} />;
  const { nodes, moves, responses, partitions, projections } = cluster;
  const up = nodes.filter(({ state }) => state === 'up');
  return (
    <>
      <div className={styles.head}>
        <h1>Cluster</h1>
        <span className={styles.about}>{summaryOf(cluster)}</span>
        {up.length > 1 && (
          <AskFirst
            label="Rebalance"
            about="the cluster"
            will={rebalanceWill(nodes)}
            act={() => client.http.rebalanceCluster({ evenOut: true })}
          />
        )}
      </div>
      <section aria-labelledby="servers">
        <h2 id="servers">Servers</h2>
        <NodeTable nodes={nodes} moves={moves} />
        {nodes.length === 1 && (
          <p className={styles.about}>One server: there is nobody to move connections to, and none is needed.</p>
        )}
      </section>
      <section aria-labelledby="log">
        <h2 id="log">Log and read models</h2>
        <LogFigures partitions={partitions} projections={projections} />
      </section>
      {(nodes.length > 1 || moves.length > 0) && (
        <section aria-labelledby="moves">
          <h2 id="moves">Moves</h2>
          <MoveTable moves={moves} />
        </section>
      )}
      <section aria-labelledby="responses">
        <h2 id="responses">Answers to alerts</h2>
        <ResponseList responses={responses} />
      </section>
      <Announcer text={summaryOf(cluster)} />
    </>
  );
}

function summaryOf({ nodes, moves }: ClusterState): string {
  const count = (state: string): number => nodes.filter((node) => node.state === state).length;
  const drained = nodes.filter(isDrained).length;
  const connections = nodes.reduce((sum, node) => sum + (node.state === 'out' ? 0 : node.connections), 0);
  const moving = moves.filter(({ state }) => state === 'ordered' || state === 'running').length;
  return [
    `${plural(count('up'), 'server')} up`,
    ...(count('draining') > drained ? [`${count('draining') - drained} draining`] : []),
    ...(drained > 0 ? [`${drained} drained`] : []),
    ...(count('out') > 0 ? [`${count('out')} not heard of`] : []),
    plural(connections, 'connection'),
    ...(moving > 0 ? [`${plural(moving, 'move')} under way`] : []),
  ].join(', ');
}
