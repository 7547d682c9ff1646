import { CommandBus } from '@nestjs/cqrs';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { type Caller, requireRole } from '#platform/kernel';
import { FromCaller, Payload } from '#platform/realtime';
import { AddNote } from '../commands/add-note.ts';
import { type AddNoteMessage, addNoteSchema } from '../contracts.ts';

/** Notes over the socket. */
@WebSocketGateway()
export class RunNotesGateway {
  constructor(private readonly commands: CommandBus) {}

  @SubscribeMessage('run-notes.add')
  async add(
    @Payload(addNoteSchema) message: AddNoteMessage,
    @FromCaller() caller: Caller,
  ): Promise<{ offset: number }> {
    requireRole(caller, 'write', message.projectId);
    return this.commands.execute(new AddNote(message, caller.subject));
  }
}
