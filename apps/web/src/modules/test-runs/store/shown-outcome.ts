import type { Outcome, TestRow } from '@testcast/contracts';

/** What a test is shown, counted and found as, each under one: pending ones that run now are told from those that wait. */
export type ShownOutcome = Outcome | 'running';

/** Tried once more, a test keeps the outcome that it has; of a run that is `over` nothing runs, whatever never said its end. */
export function shownOutcomeOf({ outcome, running }: TestRow, over: boolean): ShownOutcome {
  return running && outcome === 'pending' && !over ? 'running' : outcome;
}
