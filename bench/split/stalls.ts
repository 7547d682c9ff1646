import type { WaitEvents } from '../support/wait-events.ts';
import type { StepTimes } from './split.process.ts';
import type { TimedAppend } from './writers.ts';

const shownAppends = 6;
const shownWaits = 12;

/** Lines that say when the slowest appends were, one in half a second at most, and what the server waited for meanwhile. */
export function stallsOf(
  slowest: readonly TimedAppend[],
  steps: readonly StepTimes[],
  waits: Pick<WaitEvents, 'between'>,
): string[] {
  const planned = steps[0]!.first;
  const after = (epochMs: number): number => Math.round(epochMs - planned);
  const lines = steps.map(({ step, first, last }) => `${step}: ${after(first)} … ${after(last)} ms after the plan`);
  const told: number[] = [];
  for (const { sent, milliseconds } of slowest) {
    if (told.some((other) => Math.abs(other - sent) < 500)) continue;
    if (told.push(sent) > shownAppends) break;
    lines.push(
      `an append of ${Math.round(milliseconds)} ms, sent ${after(performance.timeOrigin + sent)} ms after the plan:`,
    );
    lines.push(
      ...waits
        .between(sent, sent + milliseconds)
        .slice(0, shownWaits)
        .map((line) => `  ${line}`),
    );
  }
  return lines;
}
