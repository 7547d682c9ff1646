export { Rebalancing } from './rebalancing.ts';
