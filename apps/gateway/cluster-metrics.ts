import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { clusterMoveReasons } from '@testcast/contracts';
import { Counter, Gauge } from 'prom-client';
import { ClusterMembership, Rebalancing } from '#platform/cluster';
import { Scrape } from '#platform/observability';

/** What is copied from this gateway's view of the others when somebody scrapes. */
@Injectable()
export class ClusterMetrics {
  constructor(
    private readonly membership: ClusterMembership,
    private readonly rebalancing: Rebalancing,
    scrape: Scrape,
    @InjectMetric('testcast_cluster_nodes') private readonly nodes: Gauge,
    @InjectMetric('testcast_cluster_registry_up') private readonly registryUp: Gauge,
    @InjectMetric('testcast_cluster_leader') private readonly leader: Gauge,
    @InjectMetric('testcast_cluster_moves_total') private readonly moves: Counter,
    @InjectMetric('testcast_cluster_last_rebalance_timestamp_seconds') private readonly lastRebalance: Gauge,
  ) {
    scrape.onScrape(() => this.refresh());
  }

  private refresh(): void {
    const nodes = this.membership.nodes();
    const draining = nodes.filter((node) => node.draining).length;
    this.nodes.set({ state: 'up' }, nodes.length - draining);
    this.nodes.set({ state: 'draining' }, draining);
    this.nodes.set({ state: 'lost' }, this.membership.lost().length);
    this.registryUp.set(this.membership.registryUp ? 1 : 0);
    this.leader.set(this.rebalancing.leads ? 1 : 0);
    const { byReason, lastRoundAt = 0 } = this.rebalancing.counts;
    this.lastRebalance.set(lastRoundAt / 1000);
    this.moves.reset();
    for (const reason of clusterMoveReasons) {
      const counts = byReason.get(reason);
      for (const outcome of ['ordered', 'moved', 'failed'] as const)
        this.moves.inc({ reason, outcome }, counts?.[outcome] ?? 0);
    }
  }
}
