import type { Request } from 'express';
import { DomainError } from '#platform/kernel';

const hostAndPort = /^(?:[\w.-]+|\[[\d.:a-f]+\])(?::\d+)?$/i;

/**
 * Scheme, host and port as the client wrote them; proxy headers count only from trusted proxies. Throws
 * `request.invalid` where they make no URL: the host may be any text that a client sends.
 */
export function originOf({ protocol, host }: Request): string {
  const origin = `${protocol}://${host}`;
  if (host !== undefined && hostAndPort.test(host) && URL.canParse(origin)) return origin;
  throw new DomainError('request.invalid', 'The Host header names no host.');
}

/**
 * What a rate limit counts by: the client's address, an IPv6 one by its /64, since a single host may hold all 2^64
 * addresses of it.
 */
export function sourceOf(request: Request): string {
  const address = request.ip ?? request.socket.remoteAddress ?? 'unknown';
  if (!address.includes(':')) return address;
  if (address.startsWith('::ffff:') && address.includes('.')) return address.slice(7);
  const [head = '', tail] = address.split('::', 2);
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  const all = [
    ...groups,
    ...Array<string>(missing).fill('0'),
    ...(tail === undefined || tail === '' ? [] : tail.split(':')),
  ];
  return all.slice(0, 4).join(':');
}
