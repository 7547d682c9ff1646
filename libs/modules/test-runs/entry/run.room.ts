import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { RoomRegistry, defineRoom } from '#platform/realtime';
import { RunSummaryRow } from '../read-models/run-summary.entity.ts';
import { isRun } from './room-params.ts';

/** `run:<projectId>/<runId>`: every event of a run. */
@Injectable()
export class RunRoom {
  constructor(rooms: RoomRegistry, database: DataSource) {
    rooms.add(
      defineRoom({
        kind: 'stream',
        pattern: 'run:{projectId}/{runId}',
        projectOf: ({ projectId }) => projectId!,
        accepts: isRun,
        snapshotVersion: async ({ projectId, runId }) => {
          const row = await database
            .getRepository(RunSummaryRow)
            .findOne({
              where: { projectId: projectId!, runId: runId! },
              select: { projectId: true, runId: true, version: true },
            });
          return row?.version;
        },
      }),
    );
  }
}
