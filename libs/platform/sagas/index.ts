export { DeadlineWatch, type DeadlineWatchOptions } from './deadline-watch.ts';
export { type ClaimedDeadline, Deadlines, type DeadlineOptions, type DeadlineSign } from './deadlines.ts';
export { SeenEvents } from './seen-events.ts';
