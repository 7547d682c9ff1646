import { Injectable } from '@nestjs/common';
import { rooms } from '@testcast/contracts';
import { RoomRegistry, defineRoom } from '#platform/realtime';
import { runRefOf } from '../domain/run-stream.ts';
import { RoomRows } from '../queries/room-rows.ts';

/** `newest-runs`: the summary of the newest run of each project, by `<projectId>/<runId>`, for who may read all of them. */
@Injectable()
export class NewestRunsRoom {
  constructor(registry: RoomRegistry, rows: RoomRows) {
    registry.add(
      defineRoom({
        kind: 'state',
        pattern: 'newest-runs',
        projectOf: () => '*',
        window: () => rows.newestRuns(),
        read: (_params, keys, slots) => rows.ofNewestRuns(keys, slots),
        // By run, since versions of two runs do not compare. The one before leaves with its next event or the next window.
        markOf: ({ stream }) => {
          const run = runRefOf(stream);
          return run && { room: rooms.newestRuns(), key: `${run.projectId}/${run.runId}` };
        },
      }),
    );
  }
}
