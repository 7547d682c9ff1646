import { QueryFailedError } from 'typeorm';
import { expect, it } from 'vitest';
import { catalogued } from './catalogued.ts';

const failed = (code: string) =>
  new QueryFailedError('select 1', [], Object.assign(new Error('from the server'), { code }));

it.each([
  ['53100', 'its disk is full'],
  ['53200', 'it is out of memory'],
  ['57014', 'a statement took too long'],
  ['57P03', 'it is starting up'],
  ['08006', 'the connection broke'],
])('a database that cannot serve for now is temporary: %s, %s', (code) => {
  expect(catalogued(failed(code))).toMatchObject({
    code: 'store.unavailable',
    status: 503,
    temporary: true,
    retryAfterMs: 1000,
  });
});

it('a mistake of ours in a statement is not of the catalogue', () => {
  expect(catalogued(failed('42703'))).toBeUndefined();
});
