import { type DynamicModule, Module } from '@nestjs/common';
import { ClusterMembership } from './cluster-membership.ts';
import { type ClusterOptions, clusterOptions } from './cluster-options.ts';
import { MemoryNodeRegistry } from './node-registry.memory.ts';
import { RedisNodeRegistry } from './node-registry.redis.ts';
import { NodeRegistry } from './node-registry.ts';
import { Rebalancing } from './rebalancing/index.ts';
import { ServerSelector } from './server-selector.ts';

/** The servers of an installation, as one of them sees them. Needs a `NodeGauge`, `NodeConnections` and the database. */
@Module({})
export class ClusterModule {
  static forRoot(options: ClusterOptions): DynamicModule {
    const registry =
      options.redisUrls.length === 0 ? () => new MemoryNodeRegistry() : () => new RedisNodeRegistry(options.redisUrls);
    return {
      module: ClusterModule,
      global: true,
      providers: [
        { provide: clusterOptions, useValue: options },
        { provide: NodeRegistry, useFactory: registry },
        ClusterMembership,
        Rebalancing,
        ServerSelector,
      ],
      exports: [ClusterMembership, Rebalancing, ServerSelector],
    };
  }
}
