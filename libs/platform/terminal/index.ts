export { barOf, ProgressLine } from './progress-line.ts';
