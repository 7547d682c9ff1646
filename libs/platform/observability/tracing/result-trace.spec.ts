import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTraced, spanIdOf, thresholdOf, traceIdOf } from './result-trace.ts';

describe('the trace of an event', () => {
  it('is its id, and its parts have spans that any process can name', () => {
    const eventId = '0af76519-16cd-83dd-8448-eb211c80319c';
    expect(traceIdOf(eventId)).toBe('0af7651916cd83dd8448eb211c80319c');
    expect(spanIdOf(eventId, 'append')).toMatch(/^[0-9a-f]{16}$/);
    expect(spanIdOf(eventId, 'append')).toBe(spanIdOf(eventId, 'append'));
    expect(spanIdOf(eventId, 'append')).not.toBe(spanIdOf(eventId, 'receive'));
  });

  it('is there for all, none, or about the share that is wanted', () => {
    const ids = Array.from({ length: 20_000 }, () => randomUUID());
    const share = (ratio: number) => ids.filter((id) => isTraced(id, thresholdOf(ratio))).length / ids.length;
    expect(share(1)).toBe(1);
    expect(share(0)).toBe(0);
    // Ten standard deviations of a binomial distribution to either side.
    expect(share(0.1)).toBeGreaterThan(0.078);
    expect(share(0.1)).toBeLessThan(0.122);
  });

  it('is kept by every process that keeps more', () => {
    const kept = fc.check(
      fc.property(
        fc.uuid(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (id, a, b) => {
          const [less, more] = [Math.min(a, b), Math.max(a, b)];
          return !isTraced(id, thresholdOf(less)) || isTraced(id, thresholdOf(more));
        },
      ),
    );
    expect(kept).toMatchObject({ failed: false });
  });
});
