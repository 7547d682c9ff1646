import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppendQueue, batchLimits, type PendingAppend } from './append-queue.ts';
import type { EncodedAppend } from './encoded-append.ts';

function pending(stream: string, checked: boolean, events: number, bytes: number): PendingAppend {
  const append = { slot: 0, stream, expected: checked ? { guard: 0 } : undefined, bytes } as Partial<EncodedAppend>;
  return {
    append: { ...append, events: Array.from({ length: events }) } as unknown as EncodedAppend,
    since: 0,
    resolve: () => undefined,
    reject: () => undefined,
  };
}

const anyPending = fc
  .record({
    stream: fc.constantFrom('a', 'b', 'c', 'd'),
    checked: fc.boolean(),
    events: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 200, max: 900 })),
    bytes: fc.oneof(fc.nat(100), fc.nat(6_000_000)),
  })
  .map(({ stream, checked, events, bytes }) => pending(stream, checked, events, bytes));

/** All batches, with more appends arriving between them. */
function batchesOf(arrivals: readonly (readonly PendingAppend[])[]): PendingAppend[][] {
  const queue = new AppendQueue();
  const batches: PendingAppend[][] = [];
  for (const some of arrivals) {
    for (const one of some) queue.push(one);
    if (queue.length > 0) batches.push(queue.takeBatch());
  }
  while (queue.length > 0) batches.push(queue.takeBatch());
  return batches;
}

describe('the queue of a lane', () => {
  it('hands out every append once, those of a stream in order, never an empty batch', () => {
    fc.assert(
      fc.property(fc.array(fc.array(anyPending)), (arrivals) => {
        const batches = batchesOf(arrivals);
        expect(batches.every(({ length }) => length > 0)).toBe(true);
        const of = (all: readonly PendingAppend[], name: string) => all.filter(({ append }) => append.stream === name);
        expect(batches.flat()).toHaveLength(arrivals.flat().length);
        for (const name of ['a', 'b', 'c', 'd']) expect(of(batches.flat(), name)).toEqual(of(arrivals.flat(), name));
      }),
    );
  });

  it('never puts a checked append together with another one of its stream', () => {
    fc.assert(
      fc.property(fc.array(fc.array(anyPending)), (arrivals) => {
        for (const batch of batchesOf(arrivals)) {
          for (const { append } of batch.filter((one) => one.append.expected !== undefined)) {
            expect(batch.filter((one) => one.append.stream === append.stream)).toHaveLength(1);
          }
        }
      }),
    );
  });

  it('keeps batches within their limits, unless one append alone is larger', () => {
    fc.assert(
      fc.property(fc.array(fc.array(anyPending)), (arrivals) => {
        for (const batch of batchesOf(arrivals).filter(({ length }) => length > 1)) {
          const sum = (size: (one: EncodedAppend) => number) => batch.reduce((all, one) => all + size(one.append), 0);
          expect(sum(({ events }) => events.length)).toBeLessThanOrEqual(batchLimits.events);
          expect(sum(({ bytes }) => bytes)).toBeLessThanOrEqual(batchLimits.bytes);
        }
      }),
    );
  });

  it('passes by what must wait', () => {
    const [checked, waiting, behind, other] = [
      pending('a', true, 1, 1),
      pending('a', false, 1, 1),
      pending('a', false, 1, 1),
      pending('b', false, 1, 1),
    ];
    expect(batchesOf([[checked, waiting, behind, other]])).toEqual([
      [checked, other],
      [waiting, behind],
    ]);
  });
});
