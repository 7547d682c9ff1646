import { type DynamicModule, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { AccessProjectorModule } from '#modules/access/projector';
import { TestInsightsProjectorModule } from '#modules/test-insights/projector';
import { RunRetentionModule, TestRunsProjectorModule } from '#modules/test-runs/projector';
import { DatabaseModule, DatabaseWatchModule } from '#platform/database';
import { AppendMetrics, EventStoreModule } from '#platform/event-store';
import { type CommitHint, type KafkaOptions, MessagingModule } from '#platform/messaging';
import { HealthModule, MetricsModule, TracingModule } from '#platform/observability';
import { ProjectorMetrics } from './projector-metrics.ts';
import type { ProjectorConfig } from './projector.config.ts';

/** What a projector is made of: a team adds its module's projector door here. */
@Module({})
export class ProjectorModule {
  static forRoot(config: ProjectorConfig, hint: CommitHint): DynamicModule {
    const database = { url: config.databaseUrl, applicationName: 'testcast-projector' };
    return {
      module: ProjectorModule,
      imports: [
        DatabaseModule.forRoot(database),
        DatabaseWatchModule.forRoot(database),
        EventStoreModule.forRoot(),
        CqrsModule.forRoot(),
        MetricsModule.forRoot({ process: 'projector' }),
        TracingModule.forRoot(config.tracing),
        HealthModule,
        MessagingModule.forRoot({ hint, kafka: kafkaOf(config) }),
        AccessProjectorModule,
        TestRunsProjectorModule,
        RunRetentionModule.forRoot({ defaultDays: config.retentionDays, exportDir: config.exportDir }),
        TestInsightsProjectorModule.forRoot({
          minutesDays: config.trendMinutesDays,
          hoursDays: config.trendHoursDays,
        }),
      ],
      providers: [AppendMetrics, ProjectorMetrics],
    };
  }
}

function kafkaOf({ kafkaBrokers, kafkaReplicationFactor }: ProjectorConfig): KafkaOptions | undefined {
  if (kafkaBrokers === undefined) return undefined;
  return { brokers: kafkaBrokers, clientId: 'testcast-projector', replicationFactor: kafkaReplicationFactor };
}
