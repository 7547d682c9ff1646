import { expect, it } from 'vitest';
import type { RecordedEvent } from '#platform/event-store';
import { RecentBudget } from './recent-budget.ts';
import { RecentEvents } from './recent-events.ts';

const event = (version: number): RecordedEvent => ({
  slot: 1,
  position: version,
  stream: 'run:shop/1',
  version,
  eventId: '00000000-0000-8000-8000-000000000001',
  type: 'test.finished',
  at: 1,
  recordedAt: 1,
  dataJson: 'x'.repeat(100),
});

it('the room that was written to longest ago forgets first, and only as much as has to be', () => {
  const budget = new RecentBudget(1000);
  const rooms = Array.from({ length: 4 }, () => new RecentEvents(10_000, budget));
  const [first, second, third, fourth] = rooms as [RecentEvents, RecentEvents, RecentEvents, RecentEvents];
  for (let version = 1; version <= 3; version++) for (const room of [first, second, third]) room.add(event(version));
  expect(budget.used).toBe(900);
  first.add(event(4));
  fourth.add(event(1));
  // The second one was written to before all others.
  expect(second.after(0)).toBeUndefined();
  expect(first.after(0)).toHaveLength(4);
  expect(third.after(0)).toHaveLength(3);
  expect(budget.used).toBe(800);
});

it('a room that is closed gives back what it had, and one alone keeps what it may', () => {
  const budget = new RecentBudget(250);
  const room = new RecentEvents(10_000, budget);
  for (let version = 1; version <= 5; version++) room.add(event(version));
  expect(room.after(0)).toHaveLength(5);
  room.clear();
  expect(budget.used).toBe(0);
});
