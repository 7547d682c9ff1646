import type { ClusterNodeRow } from '@testcast/contracts';
import { formatCount } from '../../format/count.ts';
import { formatDuration } from '../../format/duration.ts';
import { useLive } from '../../live/live-context.ts';
import { AskFirst } from './ask-first.tsx';
import styles from './cluster-page.module.css';
import type { ClusterState } from './cluster-rows.ts';
import { isDrained } from './drain-progress.ts';
import { Draining } from './draining.tsx';
import { StateWord } from './state-word.tsx';
import { drainWill } from './what-will-happen.ts';

/** The servers, and what each holds. */
export function NodeTable({ nodes, moves }: Pick<ClusterState, 'nodes' | 'moves'>) {
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label="Table of servers">
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Server</th>
            <th scope="col">State</th>
            <th scope="col">Connections</th>
            <th scope="col">Rooms</th>
            <th scope="col">CPU</th>
            <th scope="col">Memory</th>
            <th scope="col" title="99th percentile by which the event loop was late">
              Loop delay
            </th>
            <th scope="col" title="95th percentile from commit to socket">
              Latency
            </th>
            <th scope="col">
              <span className="visually-hidden">Drain</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {nodes.map((node) => (
            <NodeLine key={node.serverId} node={node} nodes={nodes} moves={moves} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function NodeLine({ node, nodes, moves }: { node: ClusterNodeRow } & Pick<ClusterState, 'nodes' | 'moves'>) {
  const { http } = useLive().client;
  const { serverId, region, state, leader, version } = node;
  return (
    <tr data-server={serverId}>
      <th scope="row" title={version}>
        {serverId}
        {leader && (
          <span className={styles.leader} title="It decides who moves where">
            leader
          </span>
        )}
        <span className={styles.region}>{region}</span>
      </th>
      <td>
        <StateWord of={shownState(node)} />
        {state === 'draining' && <Draining node={node} nodes={nodes} moves={moves} />}
      </td>
      <td>
        <Connections node={node} />
      </td>
      <td>{formatCount(node.rooms)}</td>
      <td>{percent(node.cpu)}</td>
      <td>{percent(node.memory)}</td>
      <td>{formatDuration(node.eventLoopDelayMs)}</td>
      <td>{formatDuration(node.latencyMs)}</td>
      <td className={styles.action}>
        {state === 'up' && (
          <AskFirst
            label="Drain"
            about={serverId}
            will={drainWill(node, nodes)}
            act={() => http.drainServer(serverId)}
          />
        )}
        {state === 'draining' && (
          <AskFirst
            label="Take back"
            about={serverId}
            will={`${serverId} takes connections again. Those that have moved stay where they are.`}
            act={() => http.undrainServer(serverId)}
          />
        )}
      </td>
    </tr>
  );
}

function shownState(node: ClusterNodeRow) {
  if (isDrained(node)) return 'drained';
  return node.state === 'up' && node.databaseUp === false ? 'cut-off' : node.state;
}

function Connections({ node: { serverId, connections, maxConnections, load } }: { node: ClusterNodeRow }) {
  const label = `${formatCount(connections)} of ${formatCount(maxConnections)}`;
  return (
    <span className={styles.connections}>
      <span
        className={styles.bar}
        role="meter"
        aria-label={`Connections of ${serverId}`}
        aria-valuemin={0}
        aria-valuemax={Math.max(1, maxConnections)}
        aria-valuenow={Math.min(connections, maxConnections)}
        aria-valuetext={`${label}, ${percent(load)}`}
        title={percent(load)}
      >
        <span style={{ width: `${load * 100}%` }} data-full={load > 0.85} />
      </span>
      {label}
    </span>
  );
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;
