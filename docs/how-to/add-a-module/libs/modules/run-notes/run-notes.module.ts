import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { Clock, SystemClock } from '#platform/kernel';
import { AddNoteHandler } from './commands/add-note.ts';
import { ListNotesHandler } from './queries/list-notes.ts';

/** Command and query handlers. Needs the DataSource, the EventStore and the handlers of access in the app. */
@Module({
  imports: [CqrsModule],
  providers: [{ provide: Clock, useClass: SystemClock }, AddNoteHandler, ListNotesHandler],
  exports: [CqrsModule],
})
export class RunNotesModule {}
