import { expect, it } from 'vitest';
import { Readiness } from './readiness.ts';

it('is ready when every check passes, and says what is missing when one does not', async () => {
  const readiness = new Readiness();
  readiness.add('database', () => Promise.resolve());
  expect(await readiness.report()).toEqual({ ready: true, checks: { database: 'ok' } });
  readiness.add('projections', () => {
    throw new Error('test-runs has stopped');
  });
  expect(await readiness.report()).toEqual({
    ready: false,
    checks: { database: 'ok', projections: 'test-runs has stopped' },
  });
});

it('counts a check that hangs as failed', async () => {
  const readiness = new Readiness(5);
  readiness.add('database', () => new Promise(() => undefined));
  expect(await readiness.report()).toEqual({ ready: false, checks: { database: 'no answer within 5 ms' } });
});

it('refuses a second check of the same name', () => {
  const readiness = new Readiness();
  readiness.add('database', () => undefined);
  expect(() => readiness.add('database', () => undefined)).toThrow('two readiness checks are named "database"');
});
