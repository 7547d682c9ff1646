import { Injectable, Logger } from '@nestjs/common';
import {
  clusterLimits,
  type ClusterMove,
  type ClusterNodeRow,
  type ClusterPartitions,
  type ClusterProjections,
  type ClusterResponse,
  type ClusterView,
} from '@testcast/contracts';
import { ClusterMembership, type ClusterNode, ClusterResponses, drainDelayMs, Rebalancing } from '#platform/cluster';
import { Rebuilds } from '#platform/messaging';
import { DataSource } from 'typeorm';
import { readLogSums } from './log-sums.sql.ts';

interface FromDatabase {
  readonly leader?: string | undefined;
  /** serverId → milliseconds from now. */
  readonly drains: ReadonlyMap<string, number>;
  readonly moves: ClusterMove[];
  readonly responses: ClusterResponse[];
  readonly partitions?: ClusterPartitions | undefined;
  readonly projections?: ClusterProjections | undefined;
}

/** The cluster as this gateway sees it: servers from its own last look, the rest from the database. */
@Injectable()
export class ClusterViews {
  private readonly logger = new Logger('Cluster');
  private databaseUp = true;

  constructor(
    private readonly membership: ClusterMembership,
    private readonly rebalancing: Rebalancing,
    private readonly responses: ClusterResponses,
    private readonly rebuilds: Rebuilds,
    private readonly database: DataSource,
  ) {}

  /** While the database is away the servers are seen all the same. */
  async now(): Promise<ClusterView> {
    const { leader, drains, ...seen } = await this.fromDatabase();
    const at = Date.now();
    const row = (node: ClusterNode, out: boolean): ClusterNodeRow => {
      const drainsIn = drains.get(node.serverId);
      // To the second: the way to the database takes a few milliseconds more or less, and the row would change with each look.
      const drainsFrom = drainsIn === undefined ? undefined : Math.round((at + drainsIn) / 1000) * 1000;
      return rowOf(node, { out, leader: node.serverId === leader, drainsFrom });
    };
    return {
      serverId: this.membership.own().serverId,
      at,
      nodes: [
        ...this.membership.nodes().map((node) => row(node, false)),
        ...this.membership.lost().map((node) => row(node, true)),
      ],
      ...seen,
    };
  }

  private async fromDatabase(): Promise<FromDatabase> {
    try {
      const leader = await this.rebalancing.leader();
      const drains = await this.rebalancing.drains();
      const moves = await this.rebalancing.moves(clusterLimits.moves);
      const responses = await this.responses.recent(clusterLimits.responses);
      const [partitions] = await this.database.query<ClusterPartitions[]>(readLogSums);
      const projections = await this.projections();
      this.databaseUp = true;
      return { leader, drains, moves, responses, partitions, projections };
    } catch (error) {
      // Once, and not with each look of an outage.
      if (this.databaseUp) this.logger.warn(`the view of the cluster lacks what is in the database: ${String(error)}`);
      this.databaseUp = false;
      return { drains: new Map(), moves: [], responses: [] };
    }
  }

  private async projections(): Promise<ClusterProjections> {
    const all = await this.rebuilds.status();
    return {
      projections: all.length,
      lag: Math.max(0, ...all.map(({ lag }) => lag)),
      builds: all.filter(({ rebuilding }) => rebuilding !== undefined).length,
      parked: all.reduce((sum, { parked }) => sum + parked, 0),
    };
  }
}

function rowOf(
  node: ClusterNode,
  { out, leader, drainsFrom }: { out: boolean; leader: boolean; drainsFrom: number | undefined },
): ClusterNodeRow {
  const { serverId, region, url, connections, maxConnections, cpu, memory, rooms } = node;
  return {
    serverId,
    region,
    url,
    state: out ? 'out' : node.draining ? 'draining' : 'up',
    drainDelayMs: drainDelayMs(node) || undefined,
    drainsFrom: node.draining ? drainsFrom : undefined,
    connections,
    maxConnections,
    load: maxConnections === 0 ? 1 : Math.min(1, connections / maxConnections),
    cpu,
    memory,
    rooms,
    eventLoopDelayMs: node.eventLoopDelayMs,
    latencyMs: node.latencyMs,
    databaseUp: node.databaseUp,
    leader,
  };
}
