import type { ClusterNodeRow } from '@testcast/contracts';
import { plural } from '../../format/count.ts';
import { formatElapsed } from '../../format/duration.ts';

const calm = 'Clients move without a gap: nobody misses an event.';

/** Connections above the mean load of the servers that take part, which is about how many an evening out moves. */
export function aboveMean(nodes: readonly ClusterNodeRow[]): { connections: number; mean: number } {
  const up = nodes.filter(({ state, maxConnections }) => state === 'up' && maxConnections > 0);
  const capacity = up.reduce((sum, { maxConnections }) => sum + maxConnections, 0);
  const mean = capacity === 0 ? 0 : up.reduce((sum, { connections }) => sum + connections, 0) / capacity;
  const above = up.map(({ connections, maxConnections }) => Math.max(0, connections - mean * maxConnections));
  return { mean, connections: Math.round(above.reduce((sum, count) => sum + count, 0)) };
}

export function rebalanceWill(nodes: readonly ClusterNodeRow[]): string {
  const { connections, mean } = aboveMean(nodes);
  const percent = mean > 0 && mean < 0.01 ? Math.max(0.1, mean * 100).toFixed(1) : Math.round(mean * 100);
  if (connections === 0) return `Every server is at ${percent} % already: nothing will move.`;
  return `Moves up to about ${plural(connections, 'connection')}, so that every server is near ${percent} %. ${calm}`;
}

export function drainWill(
  { serverId, connections, drainDelayMs = 0 }: ClusterNodeRow,
  nodes: readonly ClusterNodeRow[],
): string {
  const others = nodes.filter((node) => node.serverId !== serverId && node.state === 'up');
  if (others.length === 0) {
    return `No other server is up: whoever connects to ${serverId} will be refused until it is taken back.`;
  }
  const room = others.reduce(
    (sum, { maxConnections, connections: used }) => sum + Math.max(0, maxConnections - used),
    0,
  );
  const moves = `${serverId} takes nobody any more, and its ${plural(connections, 'connection')} move to ${
    others.length === 1 ? others[0]!.serverId : `${others.length} servers`
  }.`;
  // Without the reason it would look as if the order had been lost.
  const wait =
    drainDelayMs > 0 && connections > 0
      ? ` Moving begins ${formatElapsed(drainDelayMs)} later: until then balancers may still send them back here.`
      : '';
  return room < connections ? `${moves} They have room for ${room} only.${wait}` : `${moves}${wait} ${calm}`;
}
