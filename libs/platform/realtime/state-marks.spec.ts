import { expect, it } from 'vitest';
import { StateMarks } from './state-marks.ts';

const checkpoints = (...entries: [number, number][]) => new Map(entries);

it('clears a mark when the rows reflect the event', () => {
  const marks = new StateMarks(100, 5000);
  marks.add('run-1', 7, 40, 0);
  expect(marks.due(0, 10)).toEqual({ keys: ['run-1'], slots: [7] });
  marks.settle(['run-1'], checkpoints([7, 40]), 10);
  expect(marks.size).toBe(0);
});

it('tries again after 100 ms, doubling to 5 s, while the projection is behind', () => {
  const marks = new StateMarks(100, 5000);
  marks.add('run-1', 7, 40, 0);
  const waits: number[] = [];
  for (let now = 0; waits.length < 8;) {
    marks.settle(['run-1'], checkpoints([7, 39]), now);
    waits.push(marks.dueAt()! - now);
    now = marks.dueAt()!;
  }
  expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
});

it('keeps a mark for an event that came while the rows were read', () => {
  const marks = new StateMarks(100, 5000);
  marks.add('run-1', 7, 40, 0);
  marks.add('run-1', 7, 41, 5);
  marks.settle(['run-1'], checkpoints([7, 40]), 10);
  expect(marks.size).toBe(1);
  marks.settle(['run-1'], checkpoints([7, 41]), 20);
  expect(marks.size).toBe(0);
});

it('waits for every slot that a row is fed from', () => {
  const marks = new StateMarks(100, 5000);
  marks.add('row', 1, 10, 0);
  marks.add('row', 2, 20, 0);
  marks.settle(['row'], checkpoints([1, 10], [2, 19]), 0);
  expect(marks.due(1000, 10)).toEqual({ keys: ['row'], slots: [2] });
});

it('comes forward again when news arrive for a row that was being waited for', () => {
  const marks = new StateMarks(100, 5000);
  marks.add('row', 1, 10, 0);
  for (let now = 0; now < 6; now++) marks.settle(['row'], checkpoints(), now);
  expect(marks.dueAt()).toBeGreaterThan(3000);
  marks.add('row', 1, 11, 50);
  expect(marks.dueAt()).toBe(150);
});
