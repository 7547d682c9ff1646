import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { Gauge } from 'prom-client';
import { ClusterMembership } from '#platform/cluster';
import { Scrape } from '#platform/observability';

/** What is copied from this gateway's view of the others when somebody scrapes. */
@Injectable()
export class ClusterMetrics {
  constructor(
    private readonly membership: ClusterMembership,
    scrape: Scrape,
    @InjectMetric('testcast_cluster_nodes') private readonly nodes: Gauge,
    @InjectMetric('testcast_cluster_registry_up') private readonly registryUp: Gauge,
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
  }
}
