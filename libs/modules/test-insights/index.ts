export { TrendsCheck } from './checks/trends.check.ts';
export { ReadTrends } from './queries/read-trends.ts';
