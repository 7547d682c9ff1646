export { type ProjectionBatch, type ProjectionContext, type ProjectionOptions, Projection } from './projection.ts';
