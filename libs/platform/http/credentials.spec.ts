import type { Request } from 'express';
import type { DomainError } from '#platform/kernel';
import { describe, expect, it } from 'vitest';
import { credentialsOf } from './credentials.ts';
import { sourceOf } from './request-origin.ts';

function requestWith(method: string, headers: Record<string, string>): Request {
  return { method, headers, protocol: 'http', host: '127.0.0.1:4000' } as unknown as Request;
}
function outcomeOf(request: Request): unknown {
  try {
    return credentialsOf(request, 'https://tests.example.com');
  } catch (error) {
    return (error as DomainError).code;
  }
}
const cookie = 'theme=dark; testcast_session=abc; other=1';

describe('credentials of a request', () => {
  it('are none without a header', () => {
    expect(credentialsOf(requestWith('GET', {}))).toEqual({});
  });

  it('are the bearer token, whatever cookie comes with it', () => {
    expect(
      credentialsOf(requestWith('POST', { authorization: 'bearer tc_1', cookie, origin: 'http://evil.example' })),
    ).toEqual({
      bearer: 'tc_1',
    });
  });

  it.each<[string, string, Record<string, string>, boolean]>([
    ['a page of our own', 'POST', { 'sec-fetch-site': 'same-origin' }, true],
    ['a page on another port of the host', 'POST', { 'sec-fetch-site': 'same-site' }, false],
    ['a foreign page', 'POST', { 'sec-fetch-site': 'cross-site' }, false],
    [
      'a foreign page with a forged Origin beside it',
      'POST',
      { 'sec-fetch-site': 'cross-site', origin: 'http://127.0.0.1:4000' },
      false,
    ],
    ['an older browser on our page', 'DELETE', { origin: 'http://127.0.0.1:4000' }, true],
    ['an older browser on our public page', 'DELETE', { origin: 'https://tests.example.com' }, true],
    ['an older browser elsewhere', 'DELETE', { origin: 'http://127.0.0.1:3000' }, false],
    ['a sandboxed page', 'POST', { origin: 'null' }, false],
    ['who says nothing of where it comes from', 'POST', {}, false],
    ['a bookmark', 'GET', { 'sec-fetch-site': 'none' }, true],
    ['a program that reads', 'GET', {}, true],
    ['a foreign page that embeds us', 'GET', { 'sec-fetch-site': 'cross-site' }, false],
  ])('of %s: the session counts for %s %j: %s', (_, method, headers, counts) => {
    expect(outcomeOf(requestWith(method, { ...headers, cookie }))).toEqual(counts ? { session: 'abc' } : 'auth.origin');
  });
});

describe('the source that a limit counts by', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::9', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
  ])('of %s is %s', (ip, source) => {
    expect(sourceOf({ ip } as Request)).toBe(source);
  });
});
