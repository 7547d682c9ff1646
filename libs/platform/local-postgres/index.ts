export { startLocalPostgres } from './local-postgres.ts';
export type { LocalPostgres, LocalPostgresOptions } from './local-postgres.ts';
export type { PostmasterExit } from './postmaster.ts';
export { PostgresBinariesMissing } from './binaries.ts';
export { deleteAbandonedPostgres } from './abandoned.ts';
export { runningPostgresUrl } from './running-postgres.ts';
