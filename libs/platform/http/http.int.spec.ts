import type { IncomingMessage, ServerResponse } from 'node:http';
import { Controller, Get, Global, Module, Post, Req } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { projectIdSchema } from '@testcast/contracts';
import type { Express, Request } from 'express';
import { Authenticator, type Caller, type Credentials, DomainError } from '#platform/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  Authenticated,
  configureHttp,
  ExpressServerAdapter,
  HttpCaller,
  HttpModule,
  JsonBody,
  Public,
  Requires,
  StreamedBody,
  ValidBody,
  ValidParams,
  ValidQuery,
} from './index.ts';

class TwoCallers extends Authenticator {
  async authenticate({ bearer }: Credentials): Promise<Caller> {
    if (bearer === 'reader') return { subject: 'reader', grants: { shop: 'read' } };
    if (bearer === 'owner') return { subject: 'owner', grants: { '*': 'admin' } };
    throw new DomainError(bearer === undefined ? 'auth.required' : 'auth.invalid');
  }
}
const bodySchema = z.object({ name: z.string(), sizes: z.array(z.int()).optional() });

@Controller('v1')
class Routes {
  @Get('projects/:projectId')
  @Requires('read')
  read(@ValidParams(z.object({ projectId: projectIdSchema })) params: object, @HttpCaller() caller: Caller): object {
    return { params, subject: caller.subject };
  }

  @Post('projects/:projectId')
  @Requires('write')
  write(@ValidBody(bodySchema) body: object): object {
    return body;
  }

  @Get('cluster')
  @Requires('read', { project: '*' })
  cluster(): object {
    return {};
  }

  @Get('list')
  @Authenticated()
  list(@ValidQuery(z.object({ limit: z.coerce.number().int().max(10).default(5) })) query: object): object {
    return query;
  }

  @Post('lines')
  @Public()
  @JsonBody({ maxBytes: 100, lines: true })
  lines(@ValidBody(z.union([z.string(), z.array(z.unknown())])) body: unknown): object {
    return { body };
  }

  @Post('upload')
  @Public()
  @StreamedBody()
  async upload(@Req() request: Request): Promise<object> {
    let bytes = 0;
    for await (const chunk of request) bytes += (chunk as Buffer).length;
    return { bytes, parsed: request.body !== undefined };
  }

  @Get('broken')
  @Public()
  broken(): void {
    throw new Error('password=hunter2');
  }

  @Get('busy')
  @Public()
  busy(): void {
    throw new DomainError('rate.exceeded', undefined, { retryAfterMs: 1500 });
  }

  @Get('store-away')
  @Public()
  storeAway(): void {
    throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' });
  }

  @Get('forgotten')
  forgotten(): object {
    return {};
  }
}

@Global()
@Module({ providers: [{ provide: Authenticator, useClass: TwoCallers }], exports: [Authenticator] })
class Callers {}

@Module({ imports: [Callers, HttpModule.forRoot()], controllers: [Routes] })
class App {}

let app: NestExpressApplication;
let base: string;
const logged: unknown[] = [];
beforeAll(async () => {
  const logger = { log() {}, warn() {}, error: (...words: unknown[]) => logged.push(words) };
  app = await NestFactory.create<NestExpressApplication>(App, new ExpressServerAdapter(), {
    bodyParser: false,
    logger,
  });
  configureHttp(app);
  await app.listen(0, '127.0.0.1');
  base = await app.getUrl();
});
afterAll(() => app.close());

interface Answer {
  status: number;
  headers: Headers;
  body: { error?: { code: string; message: string; temporary: boolean; retryAfterMs?: number; details?: unknown } };
}
async function call(path: string, init: RequestInit & { as?: string } = {}): Promise<Answer> {
  const { as, ...rest } = init;
  const headers = { ...(as === undefined ? {} : { authorization: `Bearer ${as}` }), ...(rest.headers as object) };
  const response = await fetch(base + path, { ...rest, headers });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] };
}
const json = (body: string): RequestInit => ({ method: 'POST', body, headers: { 'content-type': 'application/json' } });

it('makes requests and responses as Express wants them, so that it sets no prototypes', async () => {
  const made: unknown[] = [];
  app.getHttpServer().prependOnceListener('request', (request: IncomingMessage, response: ServerResponse) => {
    made.push(Object.getPrototypeOf(request), Object.getPrototypeOf(response));
  });
  expect((await call('/v1/list', { as: 'reader' })).status).toBe(200);
  const express: Express = app.getHttpAdapter().getInstance();
  expect(made[0]).toBe(express.request);
  expect(made[1]).toBe(express.response);
});

describe('who may call a route', () => {
  it.each([
    ['/v1/projects/shop', 'reader', 200],
    ['/v1/projects/shop', 'owner', 200],
    ['/v1/projects/bank', 'reader', 403],
    ['/v1/projects/shop', 'stranger', 401],
    ['/v1/projects/shop', undefined, 401],
    ['/v1/cluster', 'reader', 403],
    ['/v1/cluster', 'owner', 200],
    ['/v1/list', 'reader', 200],
    ['/v1/list', undefined, 401],
  ])('%s as %s: %i', async (path, as, status) => {
    expect((await call(path, as === undefined ? {} : { as })).status).toBe(status);
  });

  it('is nobody where the route does not say', async () => {
    expect(await call('/v1/forgotten', { as: 'owner' })).toMatchObject({
      status: 403,
      body: { error: { code: 'auth.forbidden' } },
    });
  });

  it('asks for a Bearer token', async () => {
    expect((await call('/v1/list')).headers.get('www-authenticate')).toBe('Bearer');
  });
});

describe('bad input is answered by the catalogue', () => {
  it.each<[string, string, RequestInit & { as?: string }, number, string]>([
    ['an unknown route', '/v1/nothing', {}, 404, 'request.not-found'],
    ['a method that the route has not', '/v1/list', { method: 'PUT' }, 404, 'request.not-found'],
    ['a path that is not valid percent encoding', '/v1/projects/%ff', { as: 'owner' }, 400, 'request.invalid'],
    ['an id of a wrong form', '/v1/projects/Shop', { as: 'owner' }, 400, 'request.invalid'],
    ['JSON that is none', '/v1/projects/shop', { ...json('{"name":'), as: 'owner' }, 400, 'request.invalid'],
    ['JSON that is a bare word', '/v1/projects/shop', { ...json('"name"'), as: 'owner' }, 400, 'request.invalid'],
    ['a body of a wrong shape', '/v1/projects/shop', { ...json('{"name":1}'), as: 'owner' }, 400, 'request.invalid'],
    ['no body at all', '/v1/projects/shop', { method: 'POST', as: 'owner' }, 400, 'request.invalid'],
    [
      'a form',
      '/v1/projects/shop',
      { method: 'POST', body: new URLSearchParams({ name: 'x' }), as: 'owner' },
      415,
      'request.unsupported-type',
    ],
    [
      'an unknown character set',
      '/v1/projects/shop',
      { method: 'POST', body: '{}', headers: { 'content-type': 'application/json; charset=klingon' }, as: 'owner' },
      415,
      'request.unsupported-type',
    ],
    [
      'more than 1 MiB',
      '/v1/projects/shop',
      { ...json(JSON.stringify({ name: 'x'.repeat(1024 * 1024) })), as: 'owner' },
      413,
      'request.too-large',
    ],
    ['more than the route takes', '/v1/lines', json(JSON.stringify(['x'.repeat(100)])), 413, 'request.too-large'],
    ['a query of a wrong shape', '/v1/list?limit=99', { as: 'owner' }, 400, 'request.invalid'],
    ['a name in the query twice', '/v1/list?limit=1&limit=2', { as: 'owner' }, 400, 'request.invalid'],
  ])('%s', async (_, path, init, status, code) => {
    const answer = await call(path, init);
    expect(answer).toMatchObject({ status, body: { error: { code, temporary: false } } });
    expect(Object.keys(answer.body)).toEqual(['error']);
  });

  it('says where a body is wrong', async () => {
    const { body } = await call('/v1/projects/shop', { ...json('{"name":"x","sizes":[1,"two"]}'), as: 'owner' });
    expect(body.error?.details).toEqual({ issues: [{ path: 'sizes.1', message: expect.stringContaining('number') }] });
  });

  it('does not read what a stranger sends', async () => {
    expect((await call('/v1/projects/shop', json('{"name":'))).body.error?.code).toBe('auth.required');
  });
});

describe('bodies', () => {
  it('are lines as text where the route takes lines', async () => {
    const answer = await call('/v1/lines', {
      method: 'POST',
      body: '{"a":1}\n{"b"',
      headers: { 'content-type': 'application/x-ndjson' },
    });
    expect(answer.body).toEqual({ body: '{"a":1}\n{"b"' });
  });

  it('are left to the route that streams, even when they say that they are JSON', async () => {
    expect((await call('/v1/upload', json('[1,2,3]'))).body).toEqual({ bytes: 7, parsed: false });
  });
});

describe('failures', () => {
  it('leak nothing, and are logged once under the id that the client gets', async () => {
    logged.length = 0;
    const { status, body } = await call('/v1/broken?ticket=secret');
    expect({ status, code: body.error?.code, temporary: body.error?.temporary }).toEqual({
      status: 500,
      code: 'internal',
      temporary: true,
    });
    expect(JSON.stringify(body)).not.toContain('hunter2');
    const { requestId } = body.error!.details as { requestId: string };
    expect(logged).toHaveLength(1);
    expect(JSON.stringify(logged)).toContain(requestId);
    expect(JSON.stringify(logged)).not.toContain('ticket=secret');
  });

  it('say when to come again, in milliseconds and as a header in seconds', async () => {
    const { status, headers, body } = await call('/v1/busy');
    expect([status, headers.get('retry-after'), body.error?.retryAfterMs]).toEqual([429, '2', 1500]);
  });

  it('of the database are temporary', async () => {
    expect(await call('/v1/store-away')).toMatchObject({
      status: 503,
      body: { error: { code: 'store.unavailable', temporary: true } },
    });
  });
});

it('tells nothing of its make and lets pages load from itself only', async () => {
  const { headers } = await call('/v1/nothing');
  expect(headers.get('x-powered-by')).toBeNull();
  expect(headers.get('content-security-policy')).toContain("default-src 'self'");
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(headers.get('strict-transport-security')).toBeNull();
});
