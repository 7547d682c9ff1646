export { Migration } from './migration.ts';
export type { MigrationTarget, MovedConnection, MovedRoom } from './moved-connection.ts';
export { MovedConnectionsInMemory } from './moved-connections.memory.ts';
export { MovedConnections, type MovedEntry } from './moved-connections.ts';
