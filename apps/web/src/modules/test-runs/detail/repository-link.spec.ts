import { expect, it } from 'vitest';
import { commitLink, fileLink } from './repository-link.ts';

const run = { repositoryUrl: 'https://github.com/acme/shop.git', commit: 'abc123' };

it('leads to the file at the commit of the run', () => {
  expect(fileLink(run, './test/cart #1.spec.ts', 12)).toBe(
    'https://github.com/acme/shop/blob/abc123/test/cart%20%231.spec.ts#L12',
  );
  expect(commitLink(run)).toBe('https://github.com/acme/shop/commit/abc123');
});

it('leads nowhere for what is outside of the repository, or not known', () => {
  expect(fileLink(run, '/home/ci/test.ts')).toBeUndefined();
  expect(fileLink(run, 'C:\\ci\\test.ts')).toBeUndefined();
  expect(fileLink(run, '../secret.ts')).toBeUndefined();
  expect(commitLink({ commit: 'abc' })).toBeUndefined();
  expect(commitLink({ commit: 'abc', repositoryUrl: 'javascript:alert(1)' })).toBeUndefined();
});
