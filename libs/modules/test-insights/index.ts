export { ReadTrends } from './queries/read-trends.ts';
