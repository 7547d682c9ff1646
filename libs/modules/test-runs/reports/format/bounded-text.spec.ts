import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BoundedText, cutMiddle } from './bounded-text.ts';

const pieces = fc.array(fc.string({ unit: 'binary', maxLength: 90 }), { maxLength: 20 });

it('keeps a short text whole, and of a long one both ends, however it comes', () => {
  fc.assert(
    fc.property(pieces, fc.integer({ min: 1, max: 200 }), (parts, limit) => {
      const text = new BoundedText(limit);
      for (const part of parts) text.append(part);
      const whole = parts.join('');
      const half = Math.ceil(limit / 2) + 16;
      const expected = whole.length <= 2 * half ? whole : `${whole.slice(0, half)}\n…\n${whole.slice(-half)}`;
      expect(text.toString()).toBe(expected.replace(/\p{Surrogate}/gu, ''));
    }),
  );
});

it('marks what it cut by being longer than the limit', () => {
  const text = new BoundedText(100);
  text.append('x'.repeat(5000));
  expect(text.toString().length).toBeGreaterThan(100);
});

it('cuts a name to no more than its limit', () => {
  expect(cutMiddle('x'.repeat(11), 10).length).toBeLessThanOrEqual(10);
  expect(cutMiddle('x'.repeat(10), 10)).toBe('x'.repeat(10));
});
