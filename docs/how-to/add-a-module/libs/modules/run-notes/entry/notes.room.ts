import { Injectable } from '@nestjs/common';
import { projectIdSchema, runIdSchema } from '@testcast/contracts';
import { defineRoom, RoomRegistry } from '#platform/realtime';

/** `notes:<projectId>/<runId>`: every note of a run, in order. */
@Injectable()
export class NotesRoom {
  constructor(rooms: RoomRegistry) {
    rooms.add(
      defineRoom({
        kind: 'stream',
        pattern: 'notes:{projectId}/{runId}',
        projectOf: ({ projectId }) => projectId!,
        accepts: ({ projectId, runId }) =>
          projectIdSchema.safeParse(projectId).success && runIdSchema.safeParse(runId).success,
      }),
    );
  }
}
