import { type DynamicModule, Module } from '@nestjs/common';
import { installationId } from '#platform/event-store';
import { DataSource } from 'typeorm';
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
    return {
      module: ClusterModule,
      global: true,
      providers: [
        { provide: clusterOptions, useValue: options },
        {
          provide: NodeRegistry,
          inject: [DataSource],
          useFactory: (database: DataSource) => registryOf(database, options),
        },
        ClusterMembership,
        Rebalancing,
        ServerSelector,
      ],
      exports: [ClusterMembership, Rebalancing, ServerSelector],
    };
  }
}

/** Those who share a database find each other in Redis without being told a name. */
async function registryOf(database: DataSource, { redisUrls }: ClusterOptions): Promise<NodeRegistry> {
  if (redisUrls.length === 0) return new MemoryNodeRegistry();
  return new RedisNodeRegistry(await installationId(database), redisUrls);
}
