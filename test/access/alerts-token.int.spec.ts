import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readGatewayConfig } from '#apps/gateway/gateway.config';
import { createGateway } from '#apps/gateway/bootstrap';
import { createDatabase } from '#platform/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayUnderTest } from './support/gateway-under-test.ts';
import { routeTable } from './support/route-table.ts';

const webhook = 'POST /v1/admin/cluster/alerts';
const newToken = (): string => randomBytes(24).toString('hex');

describe('the token of Alertmanager', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'testcast-alerts-token-'));
  const file = path.join(directory, 'token');
  let token = newToken();
  let databaseUrl: string;
  let gateway: GatewayUnderTest;
  beforeAll(async () => {
    writeFileSync(file, `${token}\n`);
    databaseUrl = await createDatabase();
    gateway = await GatewayUnderTest.start(databaseUrl, { ALERTS_TOKEN_FILE: file });
  });
  afterAll(async () => {
    await gateway?.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  const tell = async (bearer?: string) =>
    (await gateway.call('POST', '/v1/admin/cluster/alerts', bearer, { version: '4', alerts: [] })).status;

  it('opens the webhook, where an admin key does as well, and nothing else', async () => {
    expect(await tell(token)).toBe(202);
    expect(await tell(gateway.adminKey)).toBe(202);
    const opened: string[] = [];
    for (const { route, needs, call } of routeTable('key')) {
      if (needs === 'nothing') continue;
      const { url, body } = await call(gateway);
      const { status } = await gateway.call(route.split(' ')[0]!, url, token, body);
      if (status !== 401) opened.push(route);
    }
    expect(opened).toEqual([webhook]);
  });

  it('is not guessed by its beginning, and not needed to be refused', async () => {
    expect(await tell(token.slice(0, -1))).toBe(401);
    expect(await tell(newToken())).toBe(401);
    expect(await tell()).toBe(401);
  });

  it('is changed while the server runs', async () => {
    const before = token;
    token = newToken();
    writeFileSync(file, token);
    expect(await tell(token)).toBe(202);
    expect(await tell(before)).toBe(401);
  });

  it.each([
    ['is too short', 'short', 'at least 32 characters'],
    ['is not there', undefined, 'cannot be read: ENOENT'],
  ])('that %s lets no gateway start', async (_, text, reason) => {
    const broken = path.join(directory, `broken-${text}`);
    if (text !== undefined) writeFileSync(broken, text);
    const config = readGatewayConfig({ DATABASE_URL: databaseUrl, PORT: '0', ALERTS_TOKEN_FILE: broken });
    const app = await createGateway(config, { logger: false });
    await expect(app.init()).rejects.toThrow(reason);
    await app.close();
  });
});
