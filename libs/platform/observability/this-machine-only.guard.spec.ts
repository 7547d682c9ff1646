import { expect, it } from 'vitest';
import { isOfThisMachine } from './this-machine-only.guard.ts';

const from = (remoteAddress: string | undefined, headers: Record<string, string> = {}) =>
  isOfThisMachine({ socket: { remoteAddress }, headers });

it.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])('%s is this machine', (address) => {
  expect(from(address)).toBe(true);
});

it.each(['10.0.0.1', '192.168.127.1', '::ffff:10.0.0.1', 'fe80::1', '2001:db8::1', undefined])(
  '%s is another machine, or nobody knows',
  (address) => {
    expect(from(address)).toBe(false);
  },
);

it.each(['x-forwarded-for', 'forwarded', 'via', 'x-real-ip'])(
  'what a proxy on this machine passes on with %s is not',
  (name) => {
    expect(from('127.0.0.1', { [name]: '203.0.113.7' })).toBe(false);
  },
);
