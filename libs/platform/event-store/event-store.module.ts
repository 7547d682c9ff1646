import { type DynamicModule, Module } from '@nestjs/common';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { Tracing } from '#platform/observability';
import { AggregateRepository } from './aggregate-repository.ts';
import { Durability } from './durability.ts';
import { PostgresEventStore } from './event-store.postgres.ts';
import { EventStore } from './event-store.ts';
import { SynchronousStandbys } from './synchronous-standbys.ts';

export interface EventStoreOptions {
  /** Standbys that may answer reads which say how fresh they must be. */
  readonly replicas?: readonly DataSourceOptions[] | undefined;
}

/** The log, for every module of the process. Needs the DataSource of `DatabaseModule`. */
@Module({})
export class EventStoreModule {
  static forRoot({ replicas = [] }: EventStoreOptions = {}): DynamicModule {
    const store = {
      provide: PostgresEventStore,
      inject: [DataSource, { token: Tracing, optional: true }],
      useFactory: (dataSource: DataSource, tracing?: Tracing | null) => {
        const log = new PostgresEventStore(dataSource, replicas);
        log.tracing = tracing?.appends;
        return log;
      },
    };
    return {
      module: EventStoreModule,
      global: true,
      providers: [
        store,
        { provide: EventStore, useExisting: PostgresEventStore },
        AggregateRepository,
        Durability,
        ...(replicas.length > 0 ? [SynchronousStandbys] : []),
      ],
      exports: [PostgresEventStore, EventStore, AggregateRepository],
    };
  }
}
