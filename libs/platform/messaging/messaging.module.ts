import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { EventStore } from '#platform/event-store';
import { SystemClock } from '#platform/kernel';
import { CheckpointStore } from './engine/checkpoint-store.ts';
import { PostgresCheckpointStore } from './engine/checkpoint-store.postgres.ts';
import { ProjectionEngine } from './engine/projection-engine.ts';
import { ProjectionMetrics } from './engine/projection-metrics.ts';
import { CommitHint } from './hints/commit-hint.ts';
import { LogTailStrategy } from './log-tail.strategy.ts';
import { UnboundProjections } from './unbound-projections.ts';

export interface MessagingOptions {
  /** How this process hears of commits of others. */
  readonly hint: CommitHint;
}

/**
 * What runs projections. Needs the DataSource, `EventStoreModule`, `MetricsModule` and `HealthModule` in the app; the
 * projections are the app's controllers, and `LogTailStrategy` is connected as its microservice.
 */
@Module({})
export class MessagingModule {
  static forRoot({ hint }: MessagingOptions): DynamicModule {
    return {
      module: MessagingModule,
      imports: [DiscoveryModule],
      providers: [
        ProjectionMetrics,
        UnboundProjections,
        LogTailStrategy,
        { provide: CommitHint, useValue: hint },
        {
          provide: CheckpointStore,
          useFactory: (dataSource: DataSource, log: EventStore) => new PostgresCheckpointStore(dataSource, log),
          inject: [DataSource, EventStore],
        },
        {
          provide: ProjectionEngine,
          useFactory: (log: EventStore, checkpoints: CheckpointStore, metrics: ProjectionMetrics) =>
            new ProjectionEngine(log, checkpoints, metrics, new SystemClock()),
          inject: [EventStore, CheckpointStore, ProjectionMetrics],
        },
      ],
      exports: [LogTailStrategy, ProjectionEngine],
    };
  }
}
