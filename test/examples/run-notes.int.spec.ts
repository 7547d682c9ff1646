import { randomUUID } from 'node:crypto';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { SignJWT } from 'jose';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readGatewayConfig } from '#apps/gateway/gateway.config';
import { GatewayModule } from '#apps/gateway/gateway.module';
import { readProjectorConfig } from '#apps/projector/projector.config';
import { ProjectorModule } from '#apps/projector/projector.module';
import { configureHttp } from '#platform/http';
import { CommitHint, ProjectionStrategy } from '#platform/messaging';
import { RealtimeAdapter } from '#platform/realtime';
import { createDatabase, eventually } from '#platform/testing';
import { RunNotesGatewayModule } from '../../docs/how-to/add-a-module/libs/modules/run-notes/gateway.ts';
import { RunNotesProjectorModule } from '../../docs/how-to/add-a-module/libs/modules/run-notes/projector.ts';
import { CreateRunNotes1764000000099 } from '../../docs/how-to/add-a-module/migrations/1764000000099-create-run-notes.ts';
import { Socket, type Frame } from '../e2e/support/socket.ts';

// The example of docs/how-to/add-a-module.md, in the apps as a team would put it there: one line in each.

const secret = 'a secret that is long enough for HS256';
const note = (text: string, noteId: string = randomUUID()) => ({ projectId: 'shop', runId: 'r1', noteId, text });

class NoHint extends CommitHint {
  async start(): Promise<void> {}
  async stop(): Promise<void> {}
}

describe('a module of one’s own', () => {
  let gateway: NestExpressApplication;
  let projector: NestExpressApplication;
  let url: string;
  const tokens = { writer: '', reader: '', stranger: '' };

  beforeAll(async () => {
    const databaseUrl = await createDatabase();
    await migrate(databaseUrl);
    const environment = { DATABASE_URL: databaseUrl, PORT: '0', JWT_SECRET: secret };
    gateway = await startGateway(environment);
    url = await gateway.getUrl();
    projector = await startProjector(environment);
    for (const [name, projects] of [
      ['writer', { shop: 'write' }],
      ['reader', { shop: 'read' }],
      ['stranger', { bank: 'admin' }],
    ] as const) {
      tokens[name] = await tokenOf(name, projects);
    }
    const admin = await tokenOf('admin', { '*': 'admin' });
    const made = await call('POST', '/v1/projects', admin, { projectId: 'shop' });
    if (made.status !== 201) throw new Error(await made.text());
  });
  afterAll(async () => {
    await projector?.close();
    await gateway?.close();
  });

  async function call(method: string, path: string, token: string, body?: object): Promise<Response> {
    return fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async function open(token: string, pushes: Frame[] = []): Promise<Socket> {
    return Socket.open(`${url.replace('http', 'ws')}/stream`, token, (frame) => pushes.push(frame));
  }

  it('tells everybody in its room what was said, and keeps a row of it', async () => {
    const pushes: Frame[] = [];
    const reader = await open(tokens.reader, pushes);
    expect(await reader.request('room.subscribe', { room: 'notes:shop/r1' })).toMatchObject({
      type: 'ok',
      data: { kind: 'stream', offset: 0 },
    });
    const writer = await open(tokens.writer);
    const first = note('the database was being upgraded');
    expect(await writer.request('run-notes.add', first)).toMatchObject({ type: 'ok', data: { offset: 1 } });
    expect(await writer.request('run-notes.add', first)).toMatchObject({ type: 'ok', data: { offset: 1 } });
    expect(await writer.request('run-notes.add', note('again'))).toMatchObject({ type: 'ok', data: { offset: 2 } });

    await eventually(() => expect(offsetsIn(pushes)).toEqual([1, 2]));
    await eventually(
      async () => {
        const response = await call('GET', '/v1/projects/shop/runs/r1/notes', tokens.reader);
        expect(await response.json()).toMatchObject({
          items: [
            {
              version: 1,
              text: 'the database was being upgraded',
              author: expect.stringContaining('writer') as string,
            },
            { version: 2, text: 'again' },
          ],
        });
      },
      { within: 10_000 },
    );
    for (const socket of [reader, writer]) socket.cut();
  });

  it('gives who comes later everything from the beginning', async () => {
    const pushes: Frame[] = [];
    const late = await open(tokens.reader, pushes);
    await late.request('room.subscribe', { room: 'notes:shop/r1', offset: 0 });
    await eventually(() => expect(offsetsIn(pushes)).toEqual([1, 2]));
    late.cut();
  });

  it('asks for grants, and refuses what makes no sense', async () => {
    const [reader, stranger, writer] = await Promise.all([
      open(tokens.reader),
      open(tokens.stranger),
      open(tokens.writer),
    ]);
    const codeOf = ({ error }: Frame) => (error as { code: string } | undefined)?.code;
    expect(codeOf(await reader.request('run-notes.add', note('no')))).toBe('auth.forbidden');
    expect(codeOf(await stranger.request('room.subscribe', { room: 'notes:shop/r1' }))).toBe('auth.forbidden');
    expect(codeOf(await writer.request('run-notes.add', note('   ')))).toBe('request.invalid');
    const said = note('one thing');
    await writer.request('run-notes.add', said);
    expect(codeOf(await writer.request('run-notes.add', { ...said, text: 'another' }))).toBe('item.conflict');
    for (const socket of [reader, stranger, writer]) socket.cut();
  });
});

function offsetsIn(pushes: readonly Frame[]): number[] {
  return pushes
    .filter(({ type }) => type === 'events')
    .flatMap(({ events }) => (events as { offset: number }[]).map(({ offset }) => offset));
}

async function migrate(url: string): Promise<void> {
  const database = await new DataSource({ type: 'postgres', url }).initialize();
  await new CreateRunNotes1764000000099().up(database.createQueryRunner());
  await database.destroy();
}

async function startGateway(environment: NodeJS.ProcessEnv): Promise<NestExpressApplication> {
  @Module({ imports: [GatewayModule.forRoot(readGatewayConfig(environment)), RunNotesGatewayModule] })
  class Gateway {}
  const app = await NestFactory.create<NestExpressApplication>(Gateway, { bodyParser: false, logger: ['error'] });
  configureHttp(app);
  app.useWebSocketAdapter(new RealtimeAdapter(app));
  await app.listen(0, '127.0.0.1');
  return app;
}

async function startProjector(environment: NodeJS.ProcessEnv): Promise<NestExpressApplication> {
  @Module({
    imports: [ProjectorModule.forRoot(readProjectorConfig(environment), new NoHint()), RunNotesProjectorModule],
  })
  class Projector {}
  const app = await NestFactory.create<NestExpressApplication>(Projector, { bodyParser: false, logger: ['error'] });
  app.connectMicroservice({ strategy: app.get(ProjectionStrategy) }, { inheritAppConfig: false });
  await app.init();
  await app.startAllMicroservices();
  return app;
}

async function tokenOf(subject: string, projects: Record<string, string>): Promise<string> {
  return new SignJWT({ projects })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(subject)
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(secret));
}
