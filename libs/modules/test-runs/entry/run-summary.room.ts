import { Injectable } from '@nestjs/common';
import { rooms } from '@testcast/contracts';
import { RoomRegistry, defineRoom } from '#platform/realtime';
import { runRefOf } from '../domain/run-stream.ts';
import { RoomRows } from '../queries/room-rows.ts';
import { isRun } from './room-params.ts';

/** `run-summary:<projectId>/<runId>`: the summary of one run, under its runId. */
@Injectable()
export class RunSummaryRoom {
  constructor(registry: RoomRegistry, rows: RoomRows) {
    registry.add(
      defineRoom({
        kind: 'state',
        pattern: 'run-summary:{projectId}/{runId}',
        projectOf: ({ projectId }) => projectId!,
        endedBy: ({ projectId, runId }) => ({ stream: rooms.run(projectId!, runId!), type: 'run.erased' }),
        accepts: isRun,
        window: async ({ projectId, runId }) => (await rows.ofRun(projectId!, runId!, [])).items,
        read: ({ projectId, runId }, _keys, slots) => rows.ofRun(projectId!, runId!, slots),
        markOf: ({ stream }) => {
          const run = runRefOf(stream);
          return run && { room: rooms.runSummary(run.projectId, run.runId), key: run.runId };
        },
      }),
    );
  }
}
