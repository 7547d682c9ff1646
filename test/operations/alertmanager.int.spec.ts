import { randomBytes } from 'node:crypto';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ClusterResponse, ClusterView } from '@testcast/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, eventually } from '#platform/testing';
import { GatewayUnderTest } from '../access/support/gateway-under-test.ts';

const configFile = path.resolve(import.meta.dirname, '../../deploy/alertmanager/alertmanager.yml');
const config = readFileSync(configFile, 'utf8');

describe.runIf(hasAlertmanager())('an alert of a real Alertmanager', () => {
  let gateway: GatewayUnderTest;
  let alertmanager: ChildProcess;
  let url: string;
  const directory = mkdtempSync(path.join(tmpdir(), 'testcast-alertmanager-'));
  beforeAll(async () => {
    const token = path.join(directory, 'testcast-token');
    writeFileSync(token, randomBytes(24).toString('hex'), { mode: 0o600 });
    gateway = await GatewayUnderTest.start(await createDatabase(), { ALERTS_TOKEN_FILE: token });
    const own = path.join(directory, 'alertmanager.yml');
    writeFileSync(own, withShortWaits(config, gateway.origin, token));
    const address = `127.0.0.1:${await freePort()}`;
    url = `http://${address}`;
    const options = [`--config.file=${own}`, `--storage.path=${directory}/data`, `--web.listen-address=${address}`];
    alertmanager = spawn('prometheus-alertmanager', [...options, '--cluster.listen-address='], { stdio: 'ignore' });
    await eventually(() => fetch(`${url}/-/ready`), { within: 20_000 });
  });
  afterAll(async () => {
    alertmanager?.kill('SIGKILL');
    await gateway?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const fire = (endsAt?: string) => {
    const labels = { alertname: 'HighConnectionCount', severity: 'warning', action: 'scale_out' };
    return fetch(`${url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ labels, startsAt: '2026-01-01T00:00:00Z', ...(endsAt === undefined ? {} : { endsAt }) }]),
    });
  };
  const responses = async () =>
    (await gateway.asAdmin<{ items: ClusterResponse[] }>('GET', '/v1/admin/cluster/responses')).items;

  it('is answered once, shown, and over when it is resolved', async () => {
    expect((await fire()).status).toBe(200);
    const running = { alert: 'HighConnectionCount', action: 'scale_out', state: 'running' };
    await eventually(async () => expect(await responses()).toMatchObject([running]), { within: 15_000, every: 100 });
    expect((await fire()).status).toBe(200);
    const view = await gateway.asAdmin<ClusterView>('GET', '/v1/admin/cluster');
    expect(view.responses).toMatchObject([running]);
    await fire(new Date().toISOString());
    await eventually(async () => expect(await responses()).toMatchObject([{ ...running, state: 'done' }]), {
      within: 15_000,
      every: 100,
    });
  });
});

it.runIf(hasAlertmanager())(
  'the configuration for Alertmanager is valid, and sends to the gateways what asks for an action',
  () => {
    const amtool = (...args: string[]) => execFileSync('amtool', args, { encoding: 'utf8', stdio: 'pipe' });
    expect(amtool('check-config', configFile)).toContain('SUCCESS');
    const receivers = (...labels: string[]) =>
      amtool('config', 'routes', 'test', `--config.file=${configFile}`, ...labels).trim();
    expect(receivers('action=scale_out')).toBe('gateways,people');
    expect(receivers('action=immediate_scale_out')).toBe('gateways,people');
    expect(receivers('severity=critical')).toBe('people');
  },
);

it('what the gateways do about alerts is what the alerts ask for', () => {
  const alerts = readFileSync(path.resolve(import.meta.dirname, '../../deploy/prometheus/alerts.yml'), 'utf8');
  const asked = new Set([...alerts.matchAll(/action: (\w+)/g)].map(([, action]) => action));
  expect(asked).toEqual(new Set(['scale_out', 'immediate_scale_out']));
});

/** The product's own, but for where it sends to and how long it waits. */
function withShortWaits(text: string, origin: string, token: string): string {
  return text
    .replace('http://127.0.0.1:4000', origin)
    .replace('/etc/alertmanager/testcast-token', token)
    .replace('group_wait: 5s', 'group_wait: 100ms')
    .replace('group_interval: 30s', 'group_interval: 1s');
}

/** Alertmanager does not tell which port it took of a 0. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function hasAlertmanager(): boolean {
  try {
    execFileSync('prometheus-alertmanager', ['--version'], { stdio: 'ignore' });
    execFileSync('amtool', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    const message = 'no Alertmanager. Install it (Debian: prometheus-alertmanager).';
    if (process.env['CI']) throw new Error(message);
    console.warn(`\n*** THE TESTS OF RESPONSES TO ALERTS ARE SKIPPED: ${message} ***\n`);
    return false;
  }
}
