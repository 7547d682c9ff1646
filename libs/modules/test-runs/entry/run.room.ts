import { Injectable } from '@nestjs/common';
import { rooms as roomNames } from '@testcast/contracts';
import { RoomRegistry, defineRoom } from '#platform/realtime';
import { RoomRows } from '../queries/room-rows.ts';
import { isRun } from './room-params.ts';

/** `run:<projectId>/<runId>`: every event of a run. */
@Injectable()
export class RunRoom {
  constructor(rooms: RoomRegistry, rows: RoomRows) {
    rooms.add(
      defineRoom({
        kind: 'stream',
        pattern: 'run:{projectId}/{runId}',
        projectOf: ({ projectId }) => projectId!,
        endedBy: ({ projectId, runId }) => ({ stream: roomNames.run(projectId!, runId!), type: 'run.erased' }),
        accepts: isRun,
        snapshotVersion: ({ projectId, runId }) => rows.versionOfRun(projectId!, runId!),
      }),
    );
  }
}
