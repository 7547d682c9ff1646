import { Command, CommandHandler, type ICommandHandler, QueryBus } from '@nestjs/cqrs';
import { RequireProject } from '#modules/access';
import { EventStore } from '#platform/event-store';
import { Clock, DomainError } from '#platform/kernel';
import { type AddNoteMessage, type NoteAdded, notesRoom } from '../contracts.ts';

/** Adds a note to a run; answers its offset in the room. Throws `project.unknown`, `item.conflict`. */
export class AddNote extends Command<{ offset: number }> {
  constructor(
    readonly message: AddNoteMessage,
    readonly author: string,
  ) {
    super();
  }
}

@CommandHandler(AddNote)
export class AddNoteHandler implements ICommandHandler<AddNote> {
  constructor(
    private readonly store: EventStore,
    private readonly queries: QueryBus,
    private readonly clock: Clock,
  ) {}

  /** Durable once it resolves: the append is not answered before its commit. */
  async execute({ message: { projectId, runId, noteId, text }, author }: AddNote): Promise<{ offset: number }> {
    await this.queries.execute(new RequireProject(projectId));
    const data: NoteAdded = { noteId, text, author };
    // Notes commute, so the append is unchecked; the id makes a repeat a duplicate, with the first one's offset.
    const [outcome] = await this.store.append({
      stream: notesRoom(projectId, runId),
      events: [{ eventId: noteId, type: 'note.added', at: this.clock.now(), data }],
    });
    if (outcome?.status === 'clash') throw new DomainError('item.conflict', 'A note of this id says something else.');
    return { offset: outcome!.version };
  }
}
