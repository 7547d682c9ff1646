import { Injectable } from '@nestjs/common';
import { outputWithoutTest, rooms as roomNames, runRefSchema, testKeySchema } from '@testcast/contracts';
import { RoomRegistry, defineRoom } from '#platform/realtime';

/** `output:<projectId>/<runId>/<testKey>`: what a test writes while it runs; `_` for what belongs to no test. */
@Injectable()
export class OutputRoom {
  constructor(rooms: RoomRegistry) {
    rooms.add(
      defineRoom({
        kind: 'stream',
        pattern: 'output:{projectId}/{runId}/{testKey}',
        projectOf: ({ projectId }) => projectId!,
        endedBy: ({ projectId, runId }) => ({ stream: roomNames.run(projectId!, runId!), type: 'run.erased' }),
        accepts: ({ testKey, ...run }) =>
          runRefSchema.safeParse(run).success &&
          (testKey === outputWithoutTest || testKeySchema.safeParse(testKey).success),
      }),
    );
  }
}
