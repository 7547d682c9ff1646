export { barOf, ProgressLine } from './progress-line.ts';
export { reasonOf } from './reason-of.ts';
