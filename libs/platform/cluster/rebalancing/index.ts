export { drainDelayMs } from './drained-servers.ts';
export { Rebalancing } from './rebalancing.ts';
