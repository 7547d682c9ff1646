import type { Step } from '@testcast/contracts';
import { cutMiddle } from './cut-text.ts';

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** Bytes of a step's texts once the whole tree has turned out too large. */
const titleBytes = 200;
const errorBytes = 500;

/**
 * Steps of at most `maxBytes` as JSON; undefined when they were. Texts go first, then the deepest levels, then the middle
 * of the list, where a step says how many are left out.
 */
export function cutSteps(steps: readonly Step[], maxBytes: number): Step[] | undefined {
  if (bytesOf(steps) <= maxBytes) return undefined;
  let cut = steps.map(withShortTexts);
  for (let depth = depthOf(cut); bytesOf(cut) > maxBytes && depth > 1; depth--)
    cut = cut.map((step) => upTo(step, depth - 1));
  return bytesOf(cut) <= maxBytes ? cut : withoutMiddle(cut, maxBytes);
}

function withShortTexts(step: Step): Step {
  const { error, steps } = step;
  return {
    ...step,
    title: cutMiddle(step.title, titleBytes) ?? step.title,
    ...(error === undefined ? {} : { error: cutMiddle(error, errorBytes) ?? error }),
    ...(steps === undefined ? {} : { steps: steps.map(withShortTexts) }),
  };
}

function depthOf(steps: readonly Step[]): number {
  return steps.reduce((deepest, step) => Math.max(deepest, 1 + depthOf(step.steps ?? [])), 0);
}

function upTo({ steps, ...step }: Step, depth: number): Step {
  return steps === undefined || depth <= 1 ? step : { ...step, steps: steps.map((child) => upTo(child, depth - 1)) };
}

function withoutMiddle(steps: readonly Step[], maxBytes: number): Step[] {
  // The list's brackets, and the step that stands for those left out.
  let room = maxBytes - 100;
  let head = 0;
  let tail = steps.length;
  while (head < tail) {
    const fromHead = head <= steps.length - tail;
    const size = bytesOf(steps[fromHead ? head : tail - 1]) + 1;
    if (size > room) break;
    room -= size;
    if (fromHead) head += 1;
    else tail -= 1;
  }
  return [...steps.slice(0, head), { title: `… ${tail - head} steps were left out …` }, ...steps.slice(tail)];
}
