import { QueryFailedError } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { DomainError } from '#platform/kernel';
import { isTransient } from './transient.ts';

const coded = (code: string) => Object.assign(new Error(code), { code });

describe('a failure that lies outside the events', () => {
  it.each([
    ['08006', 'connection failure'],
    ['40001', 'serialization failure'],
    ['40P01', 'deadlock'],
    ['53100', 'disk full'],
    ['53300', 'too many connections'],
    ['55P03', 'lock not available'],
    ['57014', 'query cancelled, by a statement timeout as well'],
    ['57P01', 'terminated by an operator'],
    ['ECONNRESET', 'the network'],
    ['EPIPE', 'the network, with a code that is as long as an SQLSTATE'],
  ])('is %s: %s', (code) => {
    expect(isTransient(coded(code))).toBe(true);
    expect(isTransient(new QueryFailedError('select 1', [], coded(code)))).toBe(true);
    expect(isTransient(new Error('a handler wrapped it', { cause: coded(code) }))).toBe(true);
  });

  it('is what says so itself, and a connection that broke without a code', () => {
    expect(isTransient(new DomainError('store.unavailable'))).toBe(true);
    expect(isTransient(new Error('Connection terminated unexpectedly'))).toBe(true);
  });
});

it.each(['22P02', '23505', '42P01', '25P02', 'P0001', 'ERR_INVALID_ARG_TYPE'])(
  'takes %s for a fault of the events',
  (code) => {
    expect(isTransient(coded(code))).toBe(false);
  },
);

it.each([undefined, null, 'text', 7, new Error('bug'), new DomainError('run.unknown')])(
  'takes %s for a fault of the events',
  (error) => {
    expect(isTransient(error)).toBe(false);
  },
);
