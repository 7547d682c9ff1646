import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandBus, CqrsModule, QueryBus } from '@nestjs/cqrs';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { ConnectReply } from '@testcast/contracts';
import { DatabaseModule } from '#platform/database';
import { configureHttp, HttpModule } from '#platform/http';
import { Authenticator, type Caller, ServerLoad } from '#platform/kernel';
import { createDatabase, eventually } from '#platform/testing';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccessGatewayModule, type AccessOptions } from './gateway.ts';
import { EnsureProject, RequireProject } from './index.ts';

class IdleServer extends ServerLoad {
  readonly serverId = 'server-1';
  readonly connectionLimit = 100;
  currentLoad(): number {
    return 0;
  }
}

@Global()
@Module({ providers: [{ provide: ServerLoad, useClass: IdleServer }], exports: [ServerLoad] })
class Load {}

async function startServer(url: string, options: Partial<AccessOptions> = {}): Promise<NestExpressApplication> {
  const module = {
    module: class App {},
    imports: [
      DatabaseModule.forRoot({ url }),
      CqrsModule.forRoot(),
      Load,
      HttpModule.forRoot({ trustedProxies: ['loopback'] }),
      AccessGatewayModule.forRoot({ sharedStreamUrl: true, ...options }),
    ],
  };
  const app = await NestFactory.create<NestExpressApplication>(module, { bodyParser: false, logger: ['error'] });
  configureHttp(app, { trustedProxies: ['loopback'] });
  await app.listen(0, '127.0.0.1');
  return app;
}

let directory: string;
let url: string;
let app: NestExpressApplication;
let second: NestExpressApplication;
let adminKey: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'testcast-access-'));
  url = await createDatabase();
  app = await startServer(url, { adminKeyFile: join(directory, 'admin.key') });
  second = await startServer(url);
  adminKey = (await readFile(join(directory, 'admin.key'), 'utf8')).trim();
});
afterAll(async () => {
  await app.close();
  await second.close();
  await rm(directory, { recursive: true });
});

interface Answer<T> {
  status: number;
  cookie: string | undefined;
  cookieAttributes: string;
  body: T;
}
interface CallOptions {
  as?: string;
  body?: unknown;
  headers?: Record<string, string>;
  at?: NestExpressApplication;
}
async function call<T = { error: { code: string; details?: unknown } }>(
  method: string,
  path: string,
  { as, body, headers = {}, at = app }: CallOptions = {},
): Promise<Answer<T>> {
  const response = await fetch((await at.getUrl()) + path, {
    method,
    headers: {
      ...(as === undefined ? {} : { authorization: `Bearer ${as}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const [set = ''] = response.headers.getSetCookie();
  return {
    status: response.status,
    cookie: set === '' ? undefined : set.split(';')[0],
    cookieAttributes: set,
    body: (text === '' ? undefined : JSON.parse(text)) as T,
  };
}
interface KeyReply {
  id: string;
  key: string;
  prefix: string;
}
async function newKey(grants: Caller['grants'], more: object = {}): Promise<KeyReply> {
  const { status, body } = await call<KeyReply>('POST', '/v1/keys', {
    as: adminKey,
    body: { name: 'a key', grants, ...more },
  });
  expect(status).toBe(201);
  return body;
}

describe('the admin key of the first start', () => {
  it('is for its owner only, and admin of everything', async () => {
    expect((await stat(join(directory, 'admin.key'))).mode & 0o777).toBe(0o600);
    const { body } = await call<{ grants: object }>('GET', '/v1/session', { as: adminKey });
    expect(body.grants).toEqual({ '*': 'admin' });
  });

  it('is used again by the next start, and made anew when it was revoked', async () => {
    const file = join(directory, 'other.key');
    const read = async (): Promise<string> => (await readFile(file, 'utf8')).trim();
    await (await startServer(url, { adminKeyFile: file })).close();
    const first = await read();
    await (await startServer(url, { adminKeyFile: file })).close();
    expect(await read()).toBe(first);
    const { body } = await call<{ items: KeyReply[] }>('GET', '/v1/keys', { as: adminKey });
    const { id } = body.items.find(({ prefix }) => first.startsWith(prefix))!;
    await call('DELETE', `/v1/keys/${id}`, { as: adminKey });
    await (await startServer(url, { adminKeyFile: file })).close();
    expect(await read()).not.toBe(first);
  });
});

describe('API keys', () => {
  it('are shown once, and listed without their secret', async () => {
    const { id, key, prefix } = await newKey({ shop: 'write' });
    expect(key).toMatch(/^tc_[A-Za-z0-9_-]{43}$/);
    const { body } = await call<{ items: KeyReply[] }>('GET', '/v1/keys', { as: adminKey });
    expect(body.items.find((item) => item.id === id)).toMatchObject({ prefix, grants: { shop: 'write' } });
    expect(JSON.stringify(body)).not.toContain(key);
  });

  it('are stored as a hash only', async () => {
    const { id, key } = await newKey({ shop: 'read' });
    const rows = await app.get(DataSource).query<object[]>('select * from api_keys where key_id = $1', [id]);
    expect(JSON.stringify(rows)).not.toContain(key.slice(12));
  });

  it('end at once where they are revoked, and within seconds everywhere else', async () => {
    const { id, key } = await newKey({ shop: 'write' });
    expect((await call('GET', '/v1/session', { as: key })).status).toBe(200);
    expect((await call('GET', '/v1/session', { as: key, at: second })).status).toBe(200);
    expect((await call('DELETE', `/v1/keys/${id}`, { as: adminKey })).status).toBe(204);
    expect(await call('GET', '/v1/session', { as: key })).toMatchObject({
      status: 401,
      body: { error: { code: 'auth.invalid' } },
    });
    await eventually(async () => expect((await call('GET', '/v1/session', { as: key, at: second })).status).toBe(401), {
      within: 5000,
      message: 'the other server still takes the key',
    });
    expect(await call('DELETE', `/v1/keys/${id}`, { as: adminKey })).toMatchObject({
      status: 404,
      body: { error: { code: 'key.unknown' } },
    });
  });

  it('expire', async () => {
    const { key } = await newKey({ shop: 'read' }, { expiresAt: Date.now() + 300 });
    await eventually(async () =>
      expect(await call('GET', '/v1/session', { as: key })).toMatchObject({
        status: 401,
        body: { error: { code: 'auth.expired' } },
      }),
    );
  });

  it('grant no more than their maker is admin of', async () => {
    const { key: shopAdmin } = await newKey({ shop: 'admin', bank: 'write' });
    const make = (grants: Caller['grants']) => call('POST', '/v1/keys', { as: shopAdmin, body: { name: 'x', grants } });
    expect((await make({ shop: 'admin' })).status).toBe(201);
    for (const grants of [{ '*': 'read' }, { bank: 'read' }, { shop: 'read', bank: 'write' }] as Caller['grants'][]) {
      expect(await make(grants)).toMatchObject({ status: 403, body: { error: { code: 'auth.forbidden' } } });
    }
    const { body } = await call<{ items: { grants: object }[] }>('GET', '/v1/keys', { as: shopAdmin });
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
    expect(await call('POST', '/v1/keys', { as: adminKey, body })).toMatchObject({
      status: 400,
      body: { error: { code: 'request.invalid' } },
    });
  });
});

describe('projects', () => {
  const admin: Caller = { subject: 'owner', grants: { '*': 'admin' } };

  it('are made once, by who is admin of them, and seen by who may read them', async () => {
    const create = (as: string) => call('POST', '/v1/projects', { as, body: { projectId: 'garden', name: 'Garden' } });
    const { key: reader } = await newKey({ garden: 'read' });
    const { key: stranger } = await newKey({ shed: 'admin' });
    expect((await create(reader)).status).toBe(403);
    expect(await create(adminKey)).toMatchObject({ status: 201, body: { projectId: 'garden', name: 'Garden' } });
    expect(await create(adminKey)).toMatchObject({ status: 409, body: { error: { code: 'project.exists' } } });
    const seenBy = async (as: string) =>
      (await call<{ items: { projectId: string }[] }>('GET', '/v1/projects', { as })).body.items.map(
        ({ projectId }) => projectId,
      );
    expect(await seenBy(reader)).toEqual(['garden']);
    expect(await seenBy(adminKey)).toContain('garden');
    expect(await seenBy(stranger)).toEqual([]);
  });

  it('are listed in pages', async () => {
    for (const projectId of ['page-1', 'page-2', 'page-3'])
      await call('POST', '/v1/projects', { as: adminKey, body: { projectId } });
    const { body } = await call<{ items: object[]; next: string }>('GET', '/v1/projects?after=page-0&limit=2', {
      as: adminKey,
    });
    expect(body).toMatchObject({ items: [{ projectId: 'page-1' }, { projectId: 'page-2' }], next: 'page-2' });
  });

  it('are made on the way by who is admin of all, also by many at once', async () => {
    const ensure = (at: NestExpressApplication) => at.get(CommandBus).execute(new EnsureProject('nightly', admin));
    await Promise.all(Array.from({ length: 20 }, (_, index) => ensure(index % 2 === 0 ? app : second)));
    await expect(second.get(QueryBus).execute(new RequireProject('nightly'))).resolves.toBeUndefined();
  });

  it('must exist for everybody else', async () => {
    const writer: Caller = { subject: 'ci', grants: { unheard: 'admin', nightly: 'write', '*': 'write' } };
    await expect(app.get(CommandBus).execute(new EnsureProject('unheard', writer))).rejects.toMatchObject({
      code: 'project.unknown',
    });
    await expect(app.get(CommandBus).execute(new EnsureProject('nightly', writer))).resolves.toBeUndefined();
    await expect(app.get(QueryBus).execute(new RequireProject('unheard'))).rejects.toMatchObject({
      code: 'project.unknown',
    });
  });
});

describe('signing in', () => {
  const ownPage = { 'sec-fetch-site': 'same-origin' };

  async function newCode(as = adminKey, grants: Caller['grants'] = { '*': 'read' }): Promise<string> {
    const { body } = await call<{ url: string }>('POST', '/v1/sign-in-links', { as, body: { grants } });
    expect(body.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/sign-in#code=/);
    return body.url.split('#code=')[1]!;
  }
  // Each from an address of its own, so that the limit of attempts is met by its own test only.
  let people = 0;
  function signIn(code: string, from = `192.0.2.${(people += 1)}`): ReturnType<typeof call> {
    return call('POST', '/v1/sign-in', { body: { code }, headers: { 'x-forwarded-for': from } });
  }
  async function session(as?: string, grants?: Caller['grants']): Promise<string> {
    return (await signIn(await newCode(as, grants))).cookie!;
  }

  it('takes a code once, also when many come with it at once', async () => {
    const code = await newCode();
    const answers = await Promise.all(Array.from({ length: 8 }, () => signIn(code)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401, 401, 401, 401]);
  });

  it('gives a cookie that scripts and other sites do not get', async () => {
    const { cookieAttributes } = await signIn(await newCode());
    expect(cookieAttributes).toMatch(/^testcast_session=/);
    expect(cookieAttributes).toMatch(/; HttpOnly/);
    expect(cookieAttributes).toMatch(/; SameSite=Strict/);
    expect(cookieAttributes).not.toMatch(/Secure/);
  });

  it('gives a cookie for https only where the page came by https', async () => {
    const code = await newCode();
    const { cookieAttributes } = await call('POST', '/v1/sign-in', {
      body: { code },
      headers: { 'x-forwarded-proto': 'https', 'x-forwarded-for': '198.51.100.1' },
    });
    expect(cookieAttributes).toMatch(/; Secure/);
  });

  it('lets the page of our own read and write, and pages elsewhere not', async () => {
    const cookie = await session(adminKey, { '*': 'admin' });
    const { body } = await call<{ grants: object }>('GET', '/v1/session', { headers: { cookie } });
    expect(body.grants).toEqual({ '*': 'admin' });
    const post = (headers: Record<string, string>, projectId: string) =>
      call('POST', '/v1/projects', { body: { projectId }, headers: { cookie, ...headers } });
    expect((await post(ownPage, 'by-page')).status).toBe(201);
    for (const headers of [{ 'sec-fetch-site': 'same-site' }, { origin: 'http://127.0.0.1:1' }, {}] as Record<
      string,
      string
    >[]) {
      expect(await post(headers, 'by-others')).toMatchObject({ status: 403, body: { error: { code: 'auth.origin' } } });
    }
  });

  it('ends by signing out', async () => {
    const cookie = await session();
    expect((await call('POST', '/v1/sign-out', { headers: { cookie, ...ownPage } })).status).toBe(204);
    expect((await call('GET', '/v1/session', { headers: { cookie } })).status).toBe(401);
  });

  it('ends with the key that it was made under', async () => {
    const { id, key } = await newKey({ shop: 'admin' });
    const cookie = await session(key, { shop: 'read' });
    const code = await newCode(key, { shop: 'read' });
    expect((await call('GET', '/v1/session', { headers: { cookie } })).status).toBe(200);
    await call('DELETE', `/v1/keys/${id}`, { as: adminKey });
    expect((await call('GET', '/v1/session', { headers: { cookie } })).status).toBe(401);
    expect((await signIn(code)).status).toBe(401);
  });

  it('hands out no more than the maker of the link is admin of', async () => {
    const { key } = await newKey({ shop: 'admin' });
    const { status } = await call('POST', '/v1/sign-in-links', { as: key, body: { grants: { '*': 'read' } } });
    expect(status).toBe(403);
  });

  it('refuses a code that has expired', async () => {
    const code = await newCode();
    await app.get(DataSource).query(`update sign_in_codes set expires_at = now() - interval '1 second'`);
    expect(await signIn(code)).toMatchObject({ status: 401, body: { error: { code: 'auth.invalid' } } });
  });

  it('is slowed down for who guesses', async () => {
    const statuses: number[] = [];
    for (let attempt = 1; attempt <= 11; attempt += 1) statuses.push((await signIn('guess', '203.0.113.9')).status);
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429]);
  });
});

describe('tickets for the socket', () => {
  const ticketFrom = async (at: NestExpressApplication, headers?: Record<string, string>): Promise<ConnectReply> =>
    (
      await call<ConnectReply>('POST', '/v1/connect', {
        as: adminKey,
        at,
        ...(headers === undefined ? {} : { headers }),
      })
    ).body;

  it('come with where to take them', async () => {
    const { host } = new URL(await app.getUrl());
    expect(await ticketFrom(app)).toMatchObject({
      serverId: 'server-1',
      url: `ws://${host}/stream`,
      connectionLimit: 100,
      currentLoad: 0,
    });
    const behindProxy = await ticketFrom(app, {
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'tests.example.com',
    });
    expect(behindProxy.url).toBe('wss://tests.example.com/stream');
  });

  it('are taken once by all servers behind one URL together', async () => {
    const { ticket } = await ticketFrom(app);
    const servers = [app.get(Authenticator), second.get(Authenticator)];
    const uses = await Promise.allSettled(
      Array.from({ length: 40 }, (_, index) => servers[index % 2]!.authenticate({ ticket })),
    );
    const taken = uses.filter((use) => use.status === 'fulfilled');
    expect(taken).toHaveLength(1);
    expect(taken[0]!.value.grants).toEqual({ '*': 'admin' });
  });

  it('are each taken, however many come at once', async () => {
    const tickets = await Promise.all(Array.from({ length: 100 }, async () => (await ticketFrom(app)).ticket));
    const callers = await Promise.all(tickets.map((ticket) => second.get(Authenticator).authenticate({ ticket })));
    expect(callers).toHaveLength(100);
  });
});
