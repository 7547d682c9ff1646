import { describe, expect, it } from 'vitest';
import { differences } from './differences.ts';

describe('differences of rows', () => {
  it('are none where the content is the same, in whatever order the keys come', () => {
    expect(differences({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 })).toBe('');
  });

  it('are said by their place', () => {
    const kept = { status: 'passed', counts: { passed: 7, failed: 0 }, shards: ['a'], extra: true };
    const made = { status: 'failed', counts: { passed: 1, failed: 0 }, shards: ['a', 'b'] };
    expect(differences(kept, made)).toBe(
      'status is "passed" and should be "failed", counts.passed is 7 and should be 1, ' +
        'shards.1 is missing and should be "b", extra is true and should be missing',
    );
    expect(differences({ a: [] }, { a: {} })).toBe('a is [] and should be {}');
  });

  it('are bounded, however much is wrong', () => {
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`k${n}`, 'x'.repeat(1_000)]));
    const said = differences(many, {});
    expect(said).toContain('and 4 more');
    expect(said.length).toBeLessThan(600);
  });
});
