import { expect, it } from 'vitest';
import { reasonOf } from './reason-of.ts';

it('says what every address of a host answered, where the error has no words of its own', () => {
  const refused = (address: string) => new Error(`connect ECONNREFUSED ${address}:5432`);
  expect(reasonOf(new AggregateError([refused('::1'), refused('127.0.0.1'), refused('127.0.0.1')]))).toBe(
    'connect ECONNREFUSED ::1:5432; connect ECONNREFUSED 127.0.0.1:5432',
  );
  expect(reasonOf(new AggregateError([new Error('a')], 'both failed'))).toBe('both failed');
  expect(reasonOf(new Error('no'))).toBe('no');
  expect(reasonOf('no')).toBe('no');
});
