import { Clock } from '#platform/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import { RateLimit } from './rate-limit.ts';

class HandClock extends Clock {
  time = 1_000_000;
  now(): number {
    return this.time;
  }
}

describe('a limit of 2 calls in 1,000 ms', () => {
  let clock: HandClock;
  let limit: RateLimit;
  beforeEach(() => {
    clock = new HandClock();
    limit = new RateLimit({ limit: 2, windowMs: 1000, maxSources: 3 }, clock);
    limit.take('a');
    clock.time += 400;
    limit.take('a');
  });

  it('refuses the third and says when to come again', () => {
    expect(() => limit.take('a')).toThrowError(expect.objectContaining({ code: 'rate.exceeded', retryAfterMs: 600 }));
  });

  it('takes calls again in the next window', () => {
    clock.time += 600;
    expect(() => limit.take('a')).not.toThrow();
  });

  it('counts every source for itself', () => {
    expect(() => limit.take('b')).not.toThrow();
  });

  it('forgets the oldest source when there are too many', () => {
    for (const source of ['b', 'c', 'd']) limit.take(source);
    expect(() => limit.take('a')).not.toThrow();
  });
});
