import { JsonLogger } from '#platform/observability';
import { createDatabase } from '#platform/testing';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { type RunningGateway, startGateway } from './bootstrap.ts';
import { readGatewayConfig } from './gateway.config.ts';

let databaseUrl: string;
const gateways: RunningGateway[] = [];
beforeAll(async () => {
  databaseUrl = await createDatabase();
});
afterEach(() => Promise.all(gateways.splice(0).map((gateway) => gateway.stop())));

async function start(settings: NodeJS.ProcessEnv): Promise<RunningGateway> {
  const config = readGatewayConfig({ DATABASE_URL: databaseUrl, PORT: '0', ...settings });
  const logger = new JsonLogger({ level: 'fatal', name: 'gateway' });
  const gateway = await startGateway(config, { logger, sendHint: () => () => undefined });
  gateways.push(gateway);
  return gateway;
}

const proxied = { 'x-forwarded-for': '203.0.113.7' };
const codeOf = async (response: Response): Promise<unknown> => {
  const { error } = (await response.json()) as { error?: { code: string } };
  return error?.code;
};

it('without a port of their own metrics are for this machine, and not for what a proxy passes on', async () => {
  const { url, metricsPort } = await start({});
  expect(metricsPort).toBeUndefined();
  const own = await fetch(`${url}/metrics`);
  expect([own.status, await own.text()]).toEqual([200, expect.stringMatching(/^websocket_connections 0$/m)]);
  const passedOn = await fetch(`${url}/metrics`, { headers: proxied });
  expect([passedOn.status, await codeOf(passedOn)]).toEqual([404, 'request.not-found']);
});

it('with one they are there, with the health of the gateway, and no more on the port that balancers know', async () => {
  const gateway = await start({ METRICS_PORT: '0' });
  const open = await fetch(`${gateway.url}/metrics`);
  expect([open.status, await codeOf(open)]).toEqual([404, 'request.not-found']);
  expect((await fetch(`${gateway.url}/health/ready`)).status).toBe(200);
  const own = `http://127.0.0.1:${gateway.metricsPort}`;
  const shown = await fetch(`${own}/metrics`);
  expect(shown.headers.get('content-type')).toContain('text/plain');
  expect(await shown.text()).toMatch(/^websocket_connections 0$/m);
  expect(await (await fetch(`${own}/health/ready`)).json()).toMatchObject({ ready: true });
  expect((await fetch(`${own}/v1/session`)).status).toBe(404);
  await gateway.stop();
  await expect(fetch(`${own}/metrics`)).rejects.toThrow('fetch failed');
});

it('on a port that is taken the gateway does not start, and leaves nothing running', async () => {
  const { metricsPort } = await start({ METRICS_PORT: '0' });
  await expect(start({ METRICS_PORT: String(metricsPort) })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
