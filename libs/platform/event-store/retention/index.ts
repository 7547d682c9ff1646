export { endsOfClosedStreams, holdClosings } from './closed-streams.sql.ts';
export { endsWith, isErased } from './erased-data.ts';
export { LogEraser } from './log-eraser.ts';
export type { ClosedStream, StreamFamily } from './stream-family.ts';
