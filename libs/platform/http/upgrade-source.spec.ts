import { expect, it } from 'vitest';
import { upgradeSource } from './upgrade-source.ts';

const from = (remoteAddress: string, forwarded?: string) => ({
  remoteAddress,
  headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
});

it('an upgrade comes from its peer, whatever it says of itself', () => {
  const sourceOf = upgradeSource([]);
  expect(sourceOf(from('203.0.113.9'))).toBe('203.0.113.9');
  expect(sourceOf(from('203.0.113.9', '198.51.100.1'))).toBe('203.0.113.9');
});

it('through a trusted proxy it comes from whom the proxy saw, and no further', () => {
  const sourceOf = upgradeSource(['loopback', '10.0.0.0/8']);
  expect(sourceOf(from('127.0.0.1', '198.51.100.1'))).toBe('198.51.100.1');
  expect(sourceOf(from('::ffff:10.1.2.3', '6.6.6.6, 198.51.100.1, 10.9.9.9'))).toBe('198.51.100.1');
  expect(sourceOf(from('203.0.113.9', '198.51.100.1'))).toBe('203.0.113.9');
});

it('hosts of one IPv6 network are one source', () => {
  const sourceOf = upgradeSource(['loopback']);
  expect(sourceOf(from('::1', '2001:db8:1:2:aaaa::1'))).toBe(sourceOf(from('::1', '2001:db8:1:2:bbbb::2')));
});
