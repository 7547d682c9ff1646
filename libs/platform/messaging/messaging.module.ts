import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { getToken } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { DataSource } from 'typeorm';
import { EventStore } from '#platform/event-store';
import { SystemClock } from '#platform/kernel';
import { type MetricName, Readiness, Tracing } from '#platform/observability';
import { BuildStore } from './engine/build-store.ts';
import { PostgresBuildStore } from './engine/build-store.postgres.ts';
import { CheckpointStore } from './engine/checkpoint-store.ts';
import { PostgresCheckpointStore } from './engine/checkpoint-store.postgres.ts';
import { ParkingOrders } from './engine/parking-orders.ts';
import { ProjectionEngine } from './engine/projection-engine.ts';
import { ProjectionMetrics } from './engine/projection-metrics.ts';
import { SlotShare } from './engine/slot-share.ts';
import { CommitHint } from './hints/commit-hint.ts';
import type { KafkaOptions } from './kafka/kafka-options.ts';
import { KafkaStrategy } from './kafka/kafka.strategy.ts';
import { Relay } from './kafka/relay.ts';
import { LogTailStrategy } from './log-tail.strategy.ts';
import { ProjectionStrategy } from './projection.strategy.ts';
import { UnboundProjections } from './unbound-projections.ts';

export interface MessagingOptions {
  /** How this process hears of commits of others. */
  readonly hint: CommitHint;
  /** With it, events are published to Kafka and read from there; without, projections tail the log. */
  readonly kafka?: KafkaOptions | undefined;
}

const optionalTracing = { token: Tracing, optional: true };
const relayLag: MetricName = 'testcast_relay_lag_events';

/**
 * What runs projections. Needs the DataSource, `EventStoreModule`, `MetricsModule` and `HealthModule` in the app; the
 * projections are the app's controllers, and `ProjectionStrategy` is connected as its microservice.
 */
@Module({})
export class MessagingModule {
  static forRoot({ hint, kafka }: MessagingOptions): DynamicModule {
    return {
      module: MessagingModule,
      imports: [DiscoveryModule],
      providers: [
        ProjectionMetrics,
        ParkingOrders,
        UnboundProjections,
        { provide: CommitHint, useValue: hint },
        {
          provide: CheckpointStore,
          useFactory: (dataSource: DataSource, log: EventStore) => new PostgresCheckpointStore(dataSource, log),
          inject: [DataSource, EventStore],
        },
        {
          provide: BuildStore,
          useFactory: (dataSource: DataSource) => new PostgresBuildStore(dataSource),
          inject: [DataSource],
        },
        {
          provide: SlotShare,
          useFactory: (dataSource: DataSource) => new SlotShare(dataSource),
          inject: [DataSource],
        },
        {
          provide: ProjectionEngine,
          useFactory: (
            log: EventStore,
            checkpoints: CheckpointStore,
            builds: BuildStore,
            share: SlotShare,
            metrics: ProjectionMetrics,
            tracing?: Tracing | null,
          ) => {
            const options = { builds, share, feedShares: kafka !== undefined, tracing: tracing ?? undefined };
            return new ProjectionEngine(log, checkpoints, metrics, new SystemClock(), options);
          },
          inject: [EventStore, CheckpointStore, BuildStore, SlotShare, ProjectionMetrics, optionalTracing],
        },
        ...(kafka === undefined ? withoutBroker : overKafka(kafka)),
      ],
      exports: [ProjectionStrategy, ProjectionEngine],
    };
  }
}

const withoutBroker: Provider[] = [LogTailStrategy, { provide: ProjectionStrategy, useExisting: LogTailStrategy }];

function overKafka(kafka: KafkaOptions): Provider[] {
  return [
    {
      provide: ProjectionStrategy,
      useFactory: (store: EventStore, engine: ProjectionEngine, readiness: Readiness) =>
        new KafkaStrategy(kafka, store, engine, readiness),
      inject: [EventStore, ProjectionEngine, Readiness],
    },
    {
      provide: Relay,
      useFactory: (
        store: EventStore,
        dataSource: DataSource,
        hint: CommitHint,
        share: SlotShare,
        lag: Gauge,
        tracing?: Tracing | null,
      ) => new Relay(kafka, { store, dataSource, hint, share, lag, tracing: tracing ?? undefined }),
      inject: [EventStore, DataSource, CommitHint, SlotShare, getToken(relayLag), optionalTracing],
    },
  ];
}
