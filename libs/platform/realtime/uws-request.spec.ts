import { describe, expect, it } from 'vitest';
import { copyHeaders, handshakeProblem, offers } from './uws-request.ts';

const headersOf = (...lines: [string, string][]) =>
  copyHeaders({
    forEach: (visit) => {
      for (const [name, value] of lines) visit(name, value);
    },
  });

describe('headers that come twice', () => {
  it('are joined, so that what a proxy wrote is not hidden by what a client wrote', () => {
    const headers = headersOf(['x-forwarded-for', '6.6.6.6'], ['x-forwarded-for', '198.51.100.1']);
    expect(headers['x-forwarded-for']).toBe('6.6.6.6, 198.51.100.1');
  });

  it('count once where only one can be meant', () => {
    const headers = headersOf(
      ['authorization', 'Bearer a'],
      ['authorization', 'Bearer b'],
      ['host', 'a'],
      ['host', 'b'],
    );
    expect(headers).toMatchObject({ authorization: 'Bearer a', host: 'a' });
  });

  it('do not reach what objects inherit', () => {
    expect(headersOf(['__proto__', 'x'])['constructor' as 'host']).toBeUndefined();
  });
});

it('knows a subprotocol among those that are offered', () => {
  expect(offers({ 'sec-websocket-protocol': 'chat,  testcast.v1' }, 'testcast.v1')).toBe(true);
  expect(offers({ 'sec-websocket-protocol': 'testcast.v10' }, 'testcast.v1')).toBe(false);
  expect(offers({}, 'testcast.v1')).toBe(false);
});

it.each([
  ['13', 'dGhlIHNhbXBsZSBub25jZQ==', true],
  ['8', 'dGhlIHNhbXBsZSBub25jZQ==', false],
  ['13', 'c2hvcnQ=', false],
  [undefined, undefined, false],
])('a handshake of version %j with the key %j: %j', (version, key, good) => {
  const problem = handshakeProblem({ 'sec-websocket-version': version, 'sec-websocket-key': key });
  expect(problem?.code).toBe(good ? undefined : 'request.invalid');
});
