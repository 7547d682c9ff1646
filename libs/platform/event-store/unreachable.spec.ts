import { connect } from 'node:net';
import { QueryFailedError } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { isUnreachable } from './unreachable.ts';

const withCode = (code: string): Error => Object.assign(new Error('from the server'), { code });

describe('an error of the database', () => {
  it.each(
    '40001 40P01 55P03 57P01 57P03 57014 57P05 08006 25006 58030 53000 53100 53200 53300 53400 ECONNRESET EPIPE'.split(
      ' ',
    ),
  )('may be gone at the next try when its code is %s', (code) => {
    expect(isUnreachable(withCode(code))).toBe(true);
    expect(isUnreachable(new QueryFailedError('select 1', [], withCode(code)))).toBe(true);
  });

  it.each(['23505', '42P01', '22P02', '54000', '53', '530000'])('stays what it is when its code is %s', (code) => {
    expect(isUnreachable(withCode(code))).toBe(false);
    expect(isUnreachable(new QueryFailedError('select 1', [], withCode(code)))).toBe(false);
  });

  it.each([
    'Connection terminated unexpectedly',
    'Client has encountered a connection error and is not queryable',
    'timeout exceeded when trying to connect',
    'Query read timeout',
  ])('may be gone at the next try when pg says: %s', (message) => {
    expect(isUnreachable(new Error(message))).toBe(true);
  });

  it('is found in what Node says when no address answers', async () => {
    const error = await new Promise<Error>((resolve) => connect(1, 'localhost').on('error', resolve));
    expect(isUnreachable(error)).toBe(true);
  });

  it('is not any other error', () => {
    expect(isUnreachable(new TypeError('x is not a function'))).toBe(false);
    expect(isUnreachable('ECONNRESET')).toBe(false);
  });
});
