import { QueryFailedError } from 'typeorm';
import { expect, it } from 'vitest';
import { DomainError } from '#platform/kernel';
import { wireErrorOf } from './wire-error.ts';

it.each(['53100', '53200', '57P01', 'ECONNREFUSED'])(
  'a database that cannot serve for now (%s) is named so',
  (code) => {
    const thrown = new QueryFailedError('select 1', [], Object.assign(new Error('no'), { code }));
    expect(wireErrorOf(thrown)).toMatchObject({ code: 'store.unavailable', temporary: true, retryAfterMs: 1000 });
  },
);

it('what the catalogue knows, and what nobody foresaw, stay what they are', () => {
  for (const thrown of [new DomainError('run.unknown'), new TypeError('x is not a function'), 'text']) {
    expect(wireErrorOf(thrown)).toBe(thrown);
  }
});
