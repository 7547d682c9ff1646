import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { ListOutputHandler } from './queries/list-output.ts';

/** What is asked of output. Needs `EventStoreModule` and the handlers of access in the app. */
@Module({ imports: [CqrsModule], providers: [ListOutputHandler], exports: [CqrsModule] })
export class TestOutputModule {}
