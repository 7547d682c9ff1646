export { createDatabase } from './database.ts';
export { anyEvent, anyStream, eventStoreContract } from './event-store.contract.ts';
export { eventually } from './eventually.ts';
export type { EventuallyOptions } from './eventually.ts';
export { type LossyConnection, lossyConnection } from './lossy-connection.ts';
