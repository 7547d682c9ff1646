export { type ConnectionSettings, connectionOptions, replicaOptions } from './connection-settings.ts';
export { DatabaseModule, type DatabaseOptions } from './database.module.ts';
export { DatabaseWatchModule } from './database-watch.module.ts';
export { DatabaseWatch, type WatchedDatabase } from './database-watch.ts';
export { migrateDatabase, type MigrateOptions } from './migrate-database.ts';
export { bigintArray, isUnreachable, textArray } from '#platform/event-store';
export { type PreparedStatement, runPrepared } from './run-prepared.ts';
export { missingMigrations, waitForSchema, type WaitForSchemaOptions } from './wait-for-schema.ts';
