import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { hasHaproxy } from '#platform/local-services';
import { selfSigned } from './support/certificate.ts';

const places = (suffix: string, count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`GATEWAY_${index + 1}${suffix}`, `127.0.0.1:${5000 + index}`]),
  );

/** @returns what HAProxy says of the file, nothing when it is good */
function checked(env: Record<string, string>): string {
  const { status, stdout, stderr } = spawnSync('haproxy', ['-c', '-f', 'deploy/haproxy/haproxy.cfg'], {
    env: { PATH: process.env['PATH'], ADMIN_SOCKET: '/tmp/testcast-haproxy.sock', ...env },
    encoding: 'utf8',
  });
  return status === 0 && !stderr.includes('WARNING') ? '' : stdout + stderr;
}

describe.runIf(hasHaproxy())('the file of the balancers', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'testcast-haproxy-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  it('is good for four gateways, for twenty, and where sockets have a port of their own', () => {
    expect(checked({ ...places('', 4) })).toBe('');
    expect(checked({ ...places('', 20) })).toBe('');
    expect(checked({ ...places('', 20), GATEWAY_20: 'gateway-20' })).not.toBe('');
    expect(checked({ ...places('', 4), ...places('_STREAM', 4), STREAM_BIND: ':4001' })).toBe('');
  });

  it('ends TLS by a certificate that is there', () => {
    const TLS_CERT = selfSigned(directory);
    const streams = { ...places('_STREAM', 20), STREAM_BIND: ':4001' };
    expect(checked({ ...places('', 20), TLS_CERT })).toBe('');
    expect(checked({ ...places('', 20), ...streams, TLS_CERT })).toBe('');
    expect(checked({ ...places('', 20), TLS_CERT: path.join(directory, 'nowhere.pem') })).not.toBe('');
  });

  it('is refused when a gateway has no port', () => {
    expect(checked({ GATEWAY_1: 'gateway-1' })).not.toBe('');
  });
});

it.each(['check-haproxy.sh', 'drain-gateway.sh'])('%s is a script that a shell can read', (script) => {
  expect(spawnSync('sh', ['-n', `deploy/haproxy/${script}`]).status).toBe(0);
});
