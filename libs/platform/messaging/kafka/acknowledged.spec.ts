import { expect, it } from 'vitest';
import { acknowledgedOf } from './acknowledged.ts';

const eventsOf = (slot: number, ...positions: number[]) => positions.map((position) => ({ slot, position }));

it('moves the slots of the partitions that the answer names, and no other', () => {
  const events = [...eventsOf(1, 4, 5), ...eventsOf(33, 9), ...eventsOf(2, 7, 8)];
  expect(acknowledgedOf(events, new Set([1]))).toEqual({
    moved: new Map([
      [1, 5],
      [33, 9],
    ]),
    missing: 2,
  });
});

it('moves nothing for an answer that names nothing', () => {
  expect(acknowledgedOf(eventsOf(1, 4, 5), new Set())).toEqual({ moved: new Map(), missing: 2 });
});
