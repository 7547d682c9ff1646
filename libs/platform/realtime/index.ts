export * from './room.ts';
export { RoomRegistry } from './room-registry.ts';
export { RealtimeModule } from './realtime.module.ts';
export { RealtimeAdapter } from './realtime-adapter.ts';
export { type RealtimeLoad, RealtimeServer, type RealtimeStats } from './realtime-server.ts';
export type { ConnectRate, RealtimeOptions, RealtimeTuning } from './realtime-options.ts';
export { FromCaller, Payload } from './message-parameters.ts';
export type { Message } from './message.ts';
export type { Connection } from './connection.ts';
export {
  type EngineHost,
  EngineSocket,
  RealtimeEngine,
  type SocketListener,
  type UpgradeRequest,
} from './realtime-engine.ts';
export { TextFrame } from './text-frame.ts';
