import { rooms } from '@testcast/contracts';
import { dataOf } from '#platform/event-store';
import type { ProjectionBatch } from '#platform/messaging';
import type { DeadlineSign } from '#platform/sagas';
import { signOf } from '../domain/run-sign.ts';
import { runRefOf, runOfOutput } from '../domain/run-stream.ts';

/** The signs of life of a batch, those of one run taken together. */
export function signsOfLife(batch: ProjectionBatch): DeadlineSign[] {
  const signs = new Map<string, DeadlineSign>();
  for (const event of batch) {
    const ref = event.type === 'output' ? runOfOutput(event.stream) : runRefOf(event.stream);
    if (ref === undefined) throw new Error(`${event.stream} is no stream of a run and has a ${event.type}`);
    const key = rooms.run(ref.projectId, ref.runId);
    const known = signs.get(key);
    const { open, quietAfterMs } = signOf(event.type, () => dataOf(event));
    signs.set(key, {
      key,
      lastAt: Math.max(known?.lastAt ?? 0, event.recordedAt),
      version: event.type === 'output' ? known?.version : event.version,
      // The last word on whether it is open, the first on how long it may be quiet.
      open: open ?? known?.open,
      waitMs: known?.waitMs ?? quietAfterMs,
    });
  }
  return [...signs.values()];
}
