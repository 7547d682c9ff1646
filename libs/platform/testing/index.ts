export { createDatabase } from './database.ts';
export { eventually } from './eventually.ts';
export type { EventuallyOptions } from './eventually.ts';
