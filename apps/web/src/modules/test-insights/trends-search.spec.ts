import { describe, expect, it } from 'vitest';
import { stepOf, trendsSearch, windowOf } from './trends-search.ts';

describe('the address of the trends', () => {
  it.each([
    [{}, { span: undefined, by: undefined }, 'day'],
    [{ span: '7d', by: 'hour' }, { span: '7d', by: 'hour' }, 'hour'],
    [{ span: '24h' }, { span: '24h', by: undefined }, 'hour'],
    // A year by the hour would be 8,760 bars.
    [{ span: '1y', by: 'hour' }, { span: '1y', by: undefined }, 'day'],
    [{ span: 'ever', by: 'minute' }, { span: undefined, by: undefined }, 'day'],
  ])('%j is understood', (typed, understood, step) => {
    expect(trendsSearch(typed)).toEqual(understood);
    expect(stepOf(trendsSearch(typed))).toBe(step);
  });

  it('asks for whole buckets up to the one that is filled now', () => {
    const now = Date.UTC(2026, 4, 20, 13, 45);
    expect(windowOf({ span: '7d' }, now)).toEqual({ from: Date.UTC(2026, 4, 14), step: 'day' });
    expect(windowOf({ span: '24h' }, now)).toEqual({ from: Date.UTC(2026, 4, 19, 14), step: 'hour' });
  });
});
