import { type DynamicModule, Module } from '@nestjs/common';
import { Readiness } from '#platform/observability';
import { DatabaseMetrics } from './database-metrics.ts';
import { DatabaseWatch, type WatchedDatabase } from './database-watch.ts';

/** A process that serves says that it is not ready while its database is away. Needs `HealthModule` and `MetricsModule`. */
@Module({})
export class DatabaseWatchModule {
  static forRoot(database: WatchedDatabase): DynamicModule {
    return {
      module: DatabaseWatchModule,
      global: true,
      providers: [
        {
          provide: DatabaseWatch,
          inject: [Readiness],
          useFactory: (readiness: Readiness) => {
            const watch = new DatabaseWatch(database);
            readiness.add('database', () => watch.requireUp());
            return watch;
          },
        },
        DatabaseMetrics,
      ],
      exports: [DatabaseWatch],
    };
  }
}
