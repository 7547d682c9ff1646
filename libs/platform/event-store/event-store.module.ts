import { type DynamicModule, Module } from '@nestjs/common';
import { AggregateRepository } from './aggregate-repository.ts';
import { PostgresEventStore } from './event-store.postgres.ts';
import { EventStore } from './event-store.ts';

/** The log, for every module of the process. Needs the DataSource of `DatabaseModule`. */
@Module({})
export class EventStoreModule {
  static forRoot(): DynamicModule {
    return {
      module: EventStoreModule,
      global: true,
      providers: [PostgresEventStore, { provide: EventStore, useExisting: PostgresEventStore }, AggregateRepository],
      exports: [PostgresEventStore, EventStore, AggregateRepository],
    };
  }
}
