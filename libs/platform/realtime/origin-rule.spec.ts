import { describe, expect, it } from 'vitest';
import { OriginRule } from './origin-rule.ts';

const allows = (headers: { origin?: string; host?: string }, rule: ConstructorParameters<typeof OriginRule>[0] = {}) =>
  new OriginRule(rule).allows({ headers });

describe('who may connect', () => {
  it('clients that are no browsers, since they send no origin', () => {
    expect(allows({ host: 'ci.example.com' })).toBe(true);
  });

  it('pages of the host that they connect to', () => {
    expect(allows({ origin: 'http://127.0.0.1:4000', host: '127.0.0.1:4000' })).toBe(true);
    expect(allows({ origin: 'https://ci.example.com', host: 'ci.example.com:443' })).toBe(true);
  });

  it('pages of the application, where the socket has a port of its own', () => {
    const headers = { origin: 'http://127.0.0.1:4000', host: '127.0.0.1:4001' };
    expect(new OriginRule({}).allows({ headers, pagePort: 4000 })).toBe(true);
    expect(new OriginRule({}).allows({ headers, pagePort: 8080 })).toBe(false);
    expect(new OriginRule({}).allows({ headers: { ...headers, host: 'other:4001' }, pagePort: 4000 })).toBe(false);
  });

  it('pages of the public URL and of the origins that are configured', () => {
    expect(
      allows({ origin: 'https://ci.example.com', host: 'node-1' }, { publicUrl: 'https://ci.example.com/tests' }),
    ).toBe(true);
    expect(
      allows({ origin: 'https://wiki.example.com', host: 'x' }, { allowedOrigins: ['https://wiki.example.com/'] }),
    ).toBe(true);
    expect(allows({ origin: 'https://any.example', host: 'x' }, { allowedOrigins: ['*'] })).toBe(true);
  });
});

describe('who may not', () => {
  it.each([
    ['pages of another host', 'https://evil.example', 'ci.example.com'],
    ['pages of another port', 'http://127.0.0.1:8080', '127.0.0.1:4000'],
    ['pages without an origin of their own', 'null', 'ci.example.com'],
    ['an origin that is none', 'not a url', 'ci.example.com'],
  ])('%s', (_, origin, host) => {
    expect(allows({ origin, host }, { publicUrl: 'https://tests.example.com' })).toBe(false);
  });
});
