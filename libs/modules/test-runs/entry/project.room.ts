import { Injectable } from '@nestjs/common';
import { rooms } from '@testcast/contracts';
import { RoomRegistry, defineRoom } from '#platform/realtime';
import { runRefOf } from '../domain/run-stream.ts';
import { RoomRows } from '../queries/room-rows.ts';
import { isProject } from './room-params.ts';

/** `project:<projectId>`: summaries of the running runs and of the newest 50, by runId. */
@Injectable()
export class ProjectRoom {
  constructor(registry: RoomRegistry, rows: RoomRows) {
    registry.add(
      defineRoom({
        kind: 'state',
        pattern: 'project:{projectId}',
        projectOf: ({ projectId }) => projectId!,
        accepts: isProject,
        window: ({ projectId }) => rows.projectWindow(projectId!),
        read: ({ projectId }, runIds, slots) => rows.ofProject(projectId!, runIds, slots),
        markOf: ({ stream }) => {
          const run = runRefOf(stream);
          return run && { room: rooms.project(run.projectId), key: run.runId };
        },
      }),
    );
  }
}
