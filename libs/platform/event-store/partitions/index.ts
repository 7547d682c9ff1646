export type { MoveKind, MoveProgress, MoveStep, OnMoveProgress, PartitionMove } from './partition-move.ts';
export type { PartitionStatistics } from './partition-statistics.ts';
export { highestLoad, Partitions, type PartitionsOptions, type Rebalanced } from './partitions.ts';
export type { Finding } from './verify/finding.ts';
export { LogVerifier, type VerifyOptions, type VerifyProgress } from './verify/log-verifier.ts';
export { ReadModelCheck } from './verify/read-model-check.ts';
export type { ReadModelReader } from './verify/read-model-reader.ts';
