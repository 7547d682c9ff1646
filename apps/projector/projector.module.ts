import { type DynamicModule, Module } from '@nestjs/common';
import { TestRunsProjectorModule } from '#modules/test-runs/projector';
import { DatabaseModule } from '#platform/database';
import { EventStoreModule } from '#platform/event-store';
import { type CommitHint, MessagingModule } from '#platform/messaging';
import { HealthModule, MetricsModule } from '#platform/observability';
import type { ProjectorConfig } from './projector.config.ts';

/** What a projector is made of: a team adds its module's projector door here. */
@Module({})
export class ProjectorModule {
  static forRoot(config: ProjectorConfig, hint: CommitHint): DynamicModule {
    return {
      module: ProjectorModule,
      imports: [
        DatabaseModule.forRoot({ url: config.databaseUrl, applicationName: 'testcast-projector' }),
        EventStoreModule.forRoot(),
        MetricsModule.forRoot(),
        HealthModule,
        MessagingModule.forRoot({ hint }),
        TestRunsProjectorModule,
      ],
    };
  }
}
