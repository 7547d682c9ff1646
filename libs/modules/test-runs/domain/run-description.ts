import { type RunDescription, limits } from '@testcast/contracts';
import { DomainError } from '#platform/kernel';
import { storable } from './storable.ts';

/**
 * What is told about a run as it can be kept: without characters that PostgreSQL refuses, since the first one would stop
 * the projection of the run for good. Throws `request.too-large` above 64 KiB: it goes whole into every frame of the
 * run's summary, and a frame has 256 KiB.
 */
export function storableDescription(description: RunDescription): RunDescription {
  if (Buffer.byteLength(JSON.stringify(description)) > limits.itemBytes) {
    throw new DomainError('request.too-large', `The description of a run may have ${limits.itemBytes} bytes.`, {
      details: { limit: limits.itemBytes },
    });
  }
  return storable(description) as RunDescription;
}
