export * from './room.ts';
export { RoomRegistry } from './room-registry.ts';
export { RealtimeModule } from './realtime.module.ts';
export { RealtimeAdapter } from './realtime-adapter.ts';
export { type RealtimeLoad, RealtimeServer, type RealtimeStats } from './realtime-server.ts';
export type { ConnectRate, RealtimeOptions, RealtimeTuning } from './realtime-options.ts';
export {
  type MigrationTarget,
  type MovedConnection,
  MovedConnections,
  MovedConnectionsInMemory,
  type MovedEntry,
} from './migration/index.ts';
export { type MemoryLevel, memoryLevels } from './memory-guard.ts';
export { FromCaller, Payload } from './message-parameters.ts';
export type { Message } from './message.ts';
export type { ConnectedClient } from './connected-client.ts';
export type { CompressedRooms } from './compressed-rooms.ts';
export { chooseEngine, type EngineChoice, UwsMissing } from './engine-choice.ts';
