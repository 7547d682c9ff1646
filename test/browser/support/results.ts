import type { ResultItemInput } from '@testcast/contracts';

/** The id of test `index`; in the list they stand in this order. */
export function testIdOf(index: number): string {
  return `tests/${String(index).padStart(6, '0')}.spec.ts::works`;
}

/** A finished test; what fails has a message with a number of its own, so that all failures are one group. */
export function finished(index: number, status: 'passed' | 'failed' = 'passed'): ResultItemInput {
  return {
    kind: 'test.finished',
    testId: testIdOf(index),
    title: `works ${index}`,
    file: `tests/${index}.spec.ts`,
    attempt: 1,
    status,
    durationMs: 10 + index,
    at: Date.now(),
    ...(status === 'failed' && {
      error: {
        message: `expected ${index} to be 0`,
        stack: `Error: expected\n    at test (/app/tests/${index}.spec.ts:3:1)`,
      },
    }),
  };
}
