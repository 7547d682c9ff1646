import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasHaproxy } from '#platform/local-services';
import { eventually } from '#platform/testing';
import { freePort } from '../e2e/support/free-port.ts';
import { selfSigned } from './support/certificate.ts';

const balancer = 'deploy/kubernetes/base/balancer';

describe.runIf(hasHaproxy())('the certificate of a balancer', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'testcast-certificate-'));
  const file = path.join(directory, 'tls.pem');
  const socket = path.join(directory, 'admin.sock');
  const running: ChildProcess[] = [];
  let said = '';
  let port: number;

  beforeAll(async () => {
    port = await freePort();
    const configuration = path.join(directory, 'haproxy.cfg');
    const text = readFileSync(`${balancer}/haproxy.cfg`, 'utf8')
      .replace('/etc/haproxy/tls/tls.pem', file)
      .replace('/tmp/haproxy.sock', socket)
      // A machine of tests may not have as many descriptors.
      .replace('maxconn 60000', 'maxconn 100')
      .replace('bind :8443', `bind 127.0.0.1:${port}`)
      .replace('bind :8404', `bind 127.0.0.1:${await freePort()}`);
    writeFileSync(configuration, text);
    copyFileSync(selfSigned(directory, 'first'), file);
    const renewing = [`${balancer}/renew-certificate.mjs`, file, socket, '50'];
    // Begun before HAProxy is there, as may be in a pod.
    const renewer = spawn(process.execPath, renewing, { stdio: ['ignore', 'pipe', 'inherit'] });
    renewer.stdout.setEncoding('utf8').on('data', (line: string) => (said += line));
    running.push(renewer, spawn('haproxy', ['-f', configuration], { stdio: 'ignore' }));
  });
  afterAll(async () => {
    for (const child of running) {
      if (child.exitCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
    rmSync(directory, { recursive: true });
  });

  it('is renewed while HAProxy runs, and what is none changes nothing', async () => {
    await eventually(async () => expect(await subject()).toBe('first.example.com'));
    copyFileSync(selfSigned(directory, 'second'), file);
    await eventually(async () => expect(await subject()).toBe('second.example.com'));
    writeFileSync(file, 'half of a file');
    await eventually(() => expect(said).toContain('does not have the certificate'));
    expect(await subject()).toBe('second.example.com');
    copyFileSync(selfSigned(directory, 'third'), file);
    await eventually(async () => expect(await subject()).toBe('third.example.com'));
  });

  it('is looked after by a program that ends when it is told to', async () => {
    const [renewer] = running.splice(0, 1);
    const ended = once(renewer!, 'exit');
    renewer!.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  /** Of the certificate that a newcomer is shown. */
  async function subject(): Promise<string> {
    const connection = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    try {
      await once(connection, 'secureConnect');
      return connection.getPeerCertificate().subject.CN as string;
    } finally {
      connection.destroy();
    }
  }
});
