import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { ListRetentionsHandler } from './queries/list-retentions.ts';

/** What projectors ask of projects. Needs the DataSource. */
@Module({ imports: [CqrsModule], providers: [ListRetentionsHandler] })
export class AccessProjectorModule {}
