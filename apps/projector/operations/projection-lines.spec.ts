import { expect, it } from 'vitest';
import { outcomeLines, parkedLines, progressLine, statusLines } from './projection-lines.ts';

it('a rebuild shows how far it is, how fast, and how long it will take', () => {
  expect(progressLine({ done: 63_000, total: 300_000, rate: 18_400, left: 12_880 })).toBe(
    '[######------------------------] 21 %  63,000 of 300,000 events  18,400/s  13 s left',
  );
  expect(progressLine({ done: 0, total: 0 })).toMatch(/^\[#{30}\] 100 %/);
});

it('what stands well says little, and what does not stands out', () => {
  const well = { name: 'runs', version: 1, build: 1, lag: 0, parked: 0 };
  expect(statusLines([well, { ...well, name: 'trends-by-day', lag: 1_200, parked: 3 }])).toEqual([
    'runs           version 1  build 1  lag 0',
    'trends-by-day  version 1  build 1  lag 1,200  parked 3',
  ]);
});

it('a parked stream shows where it stopped and the first line of why', () => {
  const parked = { projection: 'runs', stream: 'run:a/b', slot: 1, firstVersion: 7, lastVersion: 9, events: 3 };
  expect(parkedLines([{ ...parked, error: 'Error: no\n  at x', parkedAt: 0, ordered: 'replay' }])).toEqual([
    'runs  run:a/b  at version 7, 3 events wait since 1970-01-01T00:00:00.000Z, replay ordered',
    '    Error: no',
  ]);
  expect(parkedLines([])).toEqual(['No stream is parked.']);
});

it('a replay says what became of the stream in each projection', () => {
  expect(outcomeLines('run:a/b', [])).toEqual(['run:a/b is not parked.']);
  expect(outcomeLines('run:a/b', [{ projection: 'runs', outcome: 'failed', version: 4, error: 'Error: no' }])).toEqual([
    'runs: parked at version 4: Error: no',
  ]);
});
