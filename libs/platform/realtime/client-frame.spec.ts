import { clientFrameSchema } from '@testcast/contracts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseClientFrame } from './client-frame.ts';

it('takes exactly what the schema of the contracts takes, and frames without data too', () => {
  const id = fc.oneof(fc.integer(), fc.double(), fc.string({ maxLength: 70 }), fc.constant(null), fc.constant(2 ** 60));
  const type = fc.oneof(fc.string({ maxLength: 70 }), fc.integer());
  const frame = fc.record({ id, type, data: fc.jsonValue() }, { requiredKeys: [] });
  fc.assert(
    fc.property(fc.oneof(frame, fc.jsonValue()), (value) => {
      const text = JSON.stringify(value);
      const sent = JSON.parse(text) as unknown;
      const isObject = typeof sent === 'object' && sent !== null && !Array.isArray(sent);
      const expected = clientFrameSchema.safeParse(isObject ? { data: {}, ...sent } : sent);
      expect(parseClientFrame(text) !== undefined).toBe(expected.success);
    }),
  );
});

it('does not take what is not JSON', () => {
  expect(parseClientFrame('{"id":1,')).toBeUndefined();
  expect(parseClientFrame('')).toBeUndefined();
});
