import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningGateway, startGateway } from '#apps/gateway/bootstrap';
import { readGatewayConfig } from '#apps/gateway/gateway.config';
import { connectionOptions } from '#platform/database';
import { PostgresEventStore } from '#platform/event-store';
import { JsonLogger } from '#platform/observability';
import { createDatabase, eventually } from '#platform/testing';
import { DataSource } from 'typeorm';
import { SocketUnderTest } from '../access/support/socket.ts';

let directory: string;
let databaseUrl: string;
let gateway: RunningGateway;
let key: string;
beforeAll(async () => {
  databaseUrl = await createDatabase();
  directory = await mkdtemp(path.join(tmpdir(), 'testcast-stop-'));
  const config = readGatewayConfig({ DATABASE_URL: databaseUrl, DATA_DIR: directory, PORT: '0' });
  const logger = new JsonLogger({ level: 'fatal', name: 'gateway' });
  gateway = await startGateway(config, { logger, sendHint: () => () => undefined });
  key = (await readFile(path.join(directory, 'admin.key'), 'utf8')).trim();
});
afterAll(async () => {
  await gateway?.stop();
  await rm(directory, { recursive: true, force: true });
});

const passed = (testId: string) => ({ kind: 'test.finished', at: 1, testId, status: 'passed', durationMs: 1 });

/** A request whose body is sent in two parts. */
function newUpload(runId: string) {
  const body = JSON.stringify([passed('uploaded')]);
  const upload = httpRequest(`${gateway.url}/v1/projects/shop/runs/${runId}/results`, {
    method: 'POST',
    agent: false,
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      // Answered once the server has taken the request on: only then it is one that is under way.
      expect: '100-continue',
    },
  });
  upload.flushHeaders();
  return {
    takenOn: once(upload, 'continue'),
    async end(): Promise<{ status: number; text: string }> {
      upload.end(body);
      const [response] = (await once(upload, 'response')) as [IncomingMessage];
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      return { status: response.statusCode!, text };
    },
  };
}

it('stops in order: not ready, sockets after their replies, requests under way, and everything that was answered is stored', async () => {
  const runId = randomUUID();
  const socket = await SocketUnderTest.open(`${gateway.url.replace('http', 'ws')}/stream`, key);
  if (!(socket instanceof SocketUnderTest)) throw new Error(`refused: ${socket.code}`);
  const closed = socket.closed();
  const upload = newUpload(runId);
  await upload.takenOn;

  const reply = socket.request('results.report', { projectId: 'shop', runId, items: [passed('reported')] });
  await eventually(async () => expect(await stored(runId)).toContain('reported'));
  let stopped = false;
  const stopping = gateway.stop().then(() => (stopped = true));
  const readiness = fetch(`${gateway.url}/health/ready`).then(async (response) => [
    response.status,
    await response.json(),
  ]);
  expect(await readiness).toMatchObject([503, { checks: { running: 'stopping' } }]);

  expect(await reply).toMatchObject({ type: 'ok', data: { results: [{ status: 'appended' }] } });
  expect(await closed).toBe(4000);
  expect(stopped).toBe(false);

  expect(await upload.end()).toMatchObject({ status: 200, text: expect.stringContaining('"appended"') as string });
  await stopping;
  await expect(fetch(`${gateway.url}/health/live`)).rejects.toThrow('fetch failed');
  expect((await stored(runId)).sort()).toEqual(['reported', 'uploaded']);
});

it('serves newcomers, not ready, for as long as balancers may not have found out', async () => {
  const config = readGatewayConfig({
    DATABASE_URL: databaseUrl,
    DATA_DIR: directory,
    PORT: '0',
    STOP_DELAY_SECONDS: '2',
  });
  const logger = new JsonLogger({ level: 'fatal', name: 'gateway' });
  const leaving = await startGateway(config, { logger, sendHint: () => () => undefined });
  let gone = false;
  const stopping = leaving.stop().then(() => (gone = true));
  expect((await fetch(`${leaving.url}/health/ready`)).status).toBe(503);
  const newcomer = await SocketUnderTest.open(`${leaving.url.replace('http', 'ws')}/stream`, key);
  if (!(newcomer instanceof SocketUnderTest)) throw new Error(`refused: ${newcomer.code}`);
  const closed = newcomer.closed();
  expect(gone).toBe(false);
  expect(await closed).toBe(4000);
  await stopping;
});

async function stored(runId: string): Promise<string[]> {
  const database = await new DataSource(connectionOptions({ url: databaseUrl, poolSize: 2 })).initialize();
  try {
    const { events } = await new PostgresEventStore(database).readStream(`run:shop/${runId}`, 0);
    return events.flatMap(({ dataJson }) => (JSON.parse(dataJson) as { testId?: string }).testId ?? []);
  } finally {
    await database.destroy();
  }
}
