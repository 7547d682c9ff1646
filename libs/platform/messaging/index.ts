export {
  checkpointsOf,
  checkpointsTable,
  discardedEventsTable,
  liveBuildOf,
  parkedStreamsTable,
  parseCheckpoints,
  standsStill,
} from './checkpoints-of.ts';
export type { ParkedStream } from './engine/checkpoint-store.ts';
export { ParkingLot, type ParkedInProjection, type ParkedRef, type ParkingOutcome } from './engine/parking-lot.ts';
export { ProjectionEngine } from './engine/projection-engine.ts';
export { type ProjectionStatus, type RebuildCrew, type RebuildProgress, Rebuilds } from './engine/rebuilds.ts';
export { CommitHint } from './hints/commit-hint.ts';
export { hintsTo, IpcCommitHint } from './hints/commit-hint.ipc.ts';
export { notifies, PostgresCommitHint } from './hints/commit-hint.postgres.ts';
export { CommitHintSender } from './hints/commit-hint-sender.ts';
export { type EventSink, KafkaEventSource } from './kafka/event-source.kafka.ts';
export type { KafkaOptions } from './kafka/kafka-options.ts';
export { LogTailStrategy } from './log-tail.strategy.ts';
export { MessagingModule, type MessagingOptions } from './messaging.module.ts';
export {
  type Inheritance,
  type ProjectionBatch,
  type ProjectionContext,
  type ProjectionOptions,
  type ProjectionTable,
  Projection,
} from './projection.ts';
export { ProjectionStrategy } from './projection.strategy.ts';
