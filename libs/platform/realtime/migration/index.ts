export { Migration } from './migration.ts';
export type { MigrationTarget, MovedRoom } from './moved-connection.ts';
export { MovedConnectionsInMemory } from './moved-connections.memory.ts';
export { MovedConnectionsInPostgres } from './moved-connections.postgres.ts';
export { MovedConnections } from './moved-connections.ts';
