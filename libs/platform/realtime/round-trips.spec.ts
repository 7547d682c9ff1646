import { expect, it } from 'vitest';
import { RoundTrips } from './round-trips.ts';

it('are unknown until somebody has answered', () => {
  expect(new RoundTrips().median(0)).toBeUndefined();
});

it('are told by their median: one client in a tunnel changes nothing', () => {
  const trips = new RoundTrips();
  for (const milliseconds of [100, 9, 20, 30_000, 30]) trips.note(milliseconds, 1000);
  expect(trips.median(1000)).toBe(30);
});

it('are forgotten after a minute', () => {
  const trips = new RoundTrips();
  for (let client = 0; client < 10; client++) trips.note(500, 0);
  trips.note(20, 50_000);
  expect(trips.median(60_000)).toBe(500);
  expect(trips.median(60_001)).toBe(20);
  expect(trips.median(110_001)).toBeUndefined();
});

it('follow the newest where there are many', () => {
  const trips = new RoundTrips();
  for (let client = 0; client < 1000; client++) trips.note(500, 0);
  for (let client = 0; client < 129; client++) trips.note(20, 1);
  expect(trips.median(1)).toBe(20);
});
