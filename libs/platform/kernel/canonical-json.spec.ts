import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

/** The same content with the keys of every object the other way round. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, entry]) => [key, turned(entry)]),
  );
}

describe('canonical JSON', () => {
  it('says what JSON says', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('is one text for one content, in whatever order the keys come', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(turned(value))).toBe(canonicalJson(value));
      }),
    );
  });

  it.each([
    [{ b: 1, a: undefined, c: [undefined] }, '{"b":1,"c":[null]}'],
    [[Number.NaN, Number.POSITIVE_INFINITY, -0, 1e21, 1e-7], '[null,null,0,1e+21,1e-7]'],
    [undefined, 'null'],
    [{ '"': '\n', '\u2028': '€' }, '{"\\"":"\\n","\u2028":"€"}'],
  ])('writes %j as JSON.stringify would', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });
});
