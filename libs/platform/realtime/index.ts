export * from './room.ts';
export { RoomRegistry } from './room-registry.ts';
