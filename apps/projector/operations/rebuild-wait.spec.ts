import { expect, it } from 'vitest';
import { RebuildWait, waitLine } from './rebuild-wait.ts';

it('says who is missing after a while, and forgets it when somebody is there', () => {
  let now = 0;
  const wait = new RebuildWait(3_000, () => now);
  const after = (ms: number, projectors: number, able: number) => {
    now += ms;
    return wait.look({ projectors, able });
  };
  expect(after(0, 0, 0)).toBeUndefined();
  expect(after(2_999, 0, 0)).toBeUndefined();
  expect(after(1, 0, 0)).toBe('projector');
  expect(after(500, 2, 0)).toBe('projector of this version');
  expect(after(500, 2, 1)).toBeUndefined();
  expect(after(60_000, 0, 0)).toBeUndefined();
  expect(after(3_000, 0, 0)).toBe('projector');
});

it('tells what to do about it', () => {
  expect(waitLine('runs', 'projector')).toMatch(/^runs: no projector runs.*npm start.*cancel/);
  expect(waitLine('runs', 'projector of this version')).toMatch(/has the code of this build/);
  expect(waitLine('runs', undefined)).toBe('runs: a projector is there, the rebuild goes on');
});
