import type { ProjectionBatch, ProjectionContext, ProjectionOptions } from '../projection.ts';

/** A projection as the engine calls it. `apply` rejects with the handler's own error. */
export interface ProjectionHandler extends ProjectionOptions {
  apply(batch: ProjectionBatch, context: ProjectionContext): Promise<void>;
}
