import { expect, it } from 'vitest';
import { longestDelayMs, longestLeadMs, longestSetbackMs, settledSince, timeOf } from './event-time.ts';

const recordedAt = 1_795_521_600_000;

it.each([
  ['its own time', recordedAt - 1000, recordedAt - 1000],
  ['its own time when it was a week on its way', recordedAt - longestDelayMs, recordedAt - longestDelayMs],
  ['the time of the append when it says that it is older', recordedAt - longestDelayMs - 1, recordedAt],
  ['the time of the append when the sender thinks it is 1970', 1, recordedAt],
  ['its own time when a clock is a little ahead', recordedAt + longestLeadMs, recordedAt + longestLeadMs],
  ['the time of the append when a clock is far ahead', recordedAt + longestLeadMs + 1, recordedAt],
  ['the time of the append at the end of time', 8.64e15, recordedAt],
])('an event counts at %s', (_, at, expected) => expect(timeOf({ at, recordedAt })).toBe(expected));

it('is settled from the first midnight on that no event which was recorded before can count after', () => {
  const midnight = 20_000 * 86_400_000;
  expect(settledSince(midnight)).toBe(midnight + 86_400_000);
  expect(settledSince(midnight - longestLeadMs - longestSetbackMs)).toBe(midnight + 86_400_000);
  expect(settledSince(midnight - longestLeadMs - longestSetbackMs - 1)).toBe(midnight);
});
