import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Caller } from '#platform/kernel';
import { createDatabase, eventually } from '#platform/testing';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KeyReply, startServer, TwoServers } from '../fixtures/two-servers.ts';

let servers: TwoServers;
beforeAll(async () => {
  servers = await TwoServers.start(await createDatabase());
});
afterAll(() => servers.stop());

describe('the admin key of the first start', () => {
  it('is for its owner only, and admin of everything', async () => {
    expect((await stat(join(servers.directory, 'admin.key'))).mode & 0o777).toBe(0o600);
    const { body } = await servers.call<{ grants: object }>('GET', '/v1/session', { as: servers.adminKey });
    expect(body.grants).toEqual({ '*': 'admin' });
  });

  it('is used again by the next start, and made anew when it was revoked', async () => {
    const file = join(servers.directory, 'other.key');
    const read = async (): Promise<string> => (await readFile(file, 'utf8')).trim();
    await (await startServer(servers.url, { adminKeyFile: file })).close();
    const first = await read();
    await (await startServer(servers.url, { adminKeyFile: file })).close();
    expect(await read()).toBe(first);
    const { body } = await servers.call<{ items: KeyReply[] }>('GET', '/v1/keys', { as: servers.adminKey });
    const { id } = body.items.find(({ prefix }) => first.startsWith(prefix))!;
    await servers.call('DELETE', `/v1/keys/${id}`, { as: servers.adminKey });
    await (await startServer(servers.url, { adminKeyFile: file })).close();
    expect(await read()).not.toBe(first);
  });
});

describe('API keys', () => {
  it('are shown once, and listed without their secret', async () => {
    const { id, key, prefix } = await servers.newKey({ shop: 'write' });
    expect(key).toMatch(/^tc_[A-Za-z0-9_-]{43}$/);
    const { body } = await servers.call<{ items: KeyReply[] }>('GET', '/v1/keys', { as: servers.adminKey });
    expect(body.items.find((item) => item.id === id)).toMatchObject({ prefix, grants: { shop: 'write' } });
    expect(JSON.stringify(body)).not.toContain(key);
  });

  it('are stored as a hash only', async () => {
    const { id, key } = await servers.newKey({ shop: 'read' });
    const rows = await servers.app.get(DataSource).query<object[]>('select * from api_keys where key_id = $1', [id]);
    expect(JSON.stringify(rows)).not.toContain(key.slice(12));
  });

  it('end at once where they are revoked, and within seconds everywhere else', async () => {
    const { id, key } = await servers.newKey({ shop: 'write' });
    expect((await servers.call('GET', '/v1/session', { as: key })).status).toBe(200);
    expect((await servers.call('GET', '/v1/session', { as: key, at: servers.second })).status).toBe(200);
    expect((await servers.call('DELETE', `/v1/keys/${id}`, { as: servers.adminKey })).status).toBe(204);
    expect(await servers.call('GET', '/v1/session', { as: key })).toMatchObject({
      status: 401,
      body: { error: { code: 'auth.invalid' } },
    });
    await eventually(
      async () => expect((await servers.call('GET', '/v1/session', { as: key, at: servers.second })).status).toBe(401),
      {
        within: 5000,
        message: 'the other server still takes the key',
      },
    );
    expect(await servers.call('DELETE', `/v1/keys/${id}`, { as: servers.adminKey })).toMatchObject({
      status: 404,
      body: { error: { code: 'key.unknown' } },
    });
  });

  it('expire', async () => {
    const { key } = await servers.newKey({ shop: 'read' }, { expiresAt: Date.now() + 300 });
    await eventually(async () =>
      expect(await servers.call('GET', '/v1/session', { as: key })).toMatchObject({
        status: 401,
        body: { error: { code: 'auth.expired' } },
      }),
    );
  });

  it('grant no more than their maker is admin of', async () => {
    const { key: shopAdmin } = await servers.newKey({ shop: 'admin', bank: 'write' });
    const make = (grants: Caller['grants']) =>
      servers.call('POST', '/v1/keys', { as: shopAdmin, body: { name: 'x', grants } });
    expect((await make({ shop: 'admin' })).status).toBe(201);
    for (const grants of [{ '*': 'read' }, { bank: 'read' }, { shop: 'read', bank: 'write' }] as Caller['grants'][]) {
      expect(await make(grants)).toMatchObject({ status: 403, body: { error: { code: 'auth.forbidden' } } });
    }
    const { body } = await servers.call<{ items: { grants: object }[] }>('GET', '/v1/keys', { as: shopAdmin });
    expect(new Set(body.items.flatMap(({ grants }) => Object.keys(grants)))).toEqual(new Set(['shop']));
  });

  it.each([
    { name: 'x' },
    { name: 'x', grants: {} },
    { name: 'x', grants: { 'Not An Id': 'read' } },
    { name: 'x', grants: { shop: 'owner' } },
    { name: ' ', grants: { shop: 'read' } },
    { name: 'x', grants: { shop: 'read' }, expiresAt: 1 },
  ])('are not made of %j', async (body) => {
    expect(await servers.call('POST', '/v1/keys', { as: servers.adminKey, body })).toMatchObject({
      status: 400,
      body: { error: { code: 'request.invalid' } },
    });
  });
});
