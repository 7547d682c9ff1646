import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandHandler, CqrsModule, type ICommandHandler, type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { EnsureProject, RequireProject } from '#modules/access';
import { DatabaseModule } from '#platform/database';
import { EventStore, EventStoreModule, dataOf } from '#platform/event-store';
import { HttpModule, configureHttp } from '#platform/http';
import { Authenticator, type Caller, type Credentials, DomainError } from '#platform/kernel';
import { createDatabase, eventually } from '#platform/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestRunsModule } from '../test-runs.module.ts';
import { reportsControllers } from './index.ts';
import type { ReportFileReply } from './report-tally.ts';

// Projects and callers in memory: what the module of access provides.
const projects = new Set(['shop']);
@CommandHandler(EnsureProject)
class EnsureKnownProject implements ICommandHandler<EnsureProject> {
  execute({ projectId }: EnsureProject): Promise<void> {
    if (!projects.has(projectId)) throw new DomainError('project.unknown');
    return Promise.resolve();
  }
}
@QueryHandler(RequireProject)
class RequireKnownProject implements IQueryHandler<RequireProject> {
  execute({ projectId }: RequireProject): Promise<void> {
    if (!projects.has(projectId)) throw new DomainError('project.unknown');
    return Promise.resolve();
  }
}
class KnownCallers extends Authenticator {
  authenticate({ bearer }: Credentials): Promise<Caller> {
    if (bearer !== 'writer' && bearer !== 'reader') throw new DomainError('auth.required');
    return Promise.resolve({ subject: bearer, grants: { '*': bearer === 'writer' ? 'write' : 'read' } });
  }
}
@Global()
@Module({
  imports: [CqrsModule],
  providers: [{ provide: Authenticator, useClass: KnownCallers }, EnsureKnownProject, RequireKnownProject],
  exports: [Authenticator],
})
class MemoryAccess {}

let app: NestExpressApplication;
let folder: string;
const before = { spool: process.env['TMPDIR'] };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'testcast-reports-'));
  process.env['TMPDIR'] = folder;
  const module = {
    module: class App {},
    imports: [
      DatabaseModule.forRoot({ url: await createDatabase() }),
      EventStoreModule.forRoot(),
      CqrsModule.forRoot(),
      MemoryAccess,
      HttpModule.forRoot({}),
      TestRunsModule,
    ],
    controllers: [...reportsControllers],
  };
  app = await NestFactory.create<NestExpressApplication>(module, { bodyParser: false, logger: ['error'] });
  configureHttp(app, {});
  await app.listen(0, '127.0.0.1');
});
afterAll(async () => {
  await app?.close();
  if (before.spool === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before.spool;
  await rm(folder, { recursive: true, force: true });
});

interface Answer {
  status: number;
  body: ReportFileReply & { error: { code: string; details?: unknown } };
}
async function post(
  run: string,
  body: string | Uint8Array,
  query = '',
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${await app.getUrl()}/v1/projects/shop/runs/${run}/reports${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer writer`, 'content-type': 'application/xml', ...headers },
    body: Buffer.from(body as Uint8Array),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}
/** All events of a stream, page by page. */
async function read(stream: string): Promise<{ type: string; data: Record<string, unknown> }[]> {
  const found: { type: string; data: Record<string, unknown> }[] = [];
  for (;;) {
    const page = await app.get(EventStore).readStream(stream, found.length);
    found.push(...page.events.map((event) => ({ type: event.type, data: dataOf<Record<string, unknown>>(event) })));
    if (page.events.length === 0 || found.length >= page.version) return found;
  }
}
const eventsOf = (run: string) => read(`run:shop/${run}`);
const typesOf = async (run: string) => (await eventsOf(run)).map(({ type }) => type);
/** Files that reports left on disk. */
const leftovers = () => readdir(folder);
const xml = (cases: string) => `<testsuites><testsuite name="cart">${cases}</testsuite></testsuites>`;
const small = xml('<testcase name="a"/><testcase name="b"><failure message="no"/></testcase><testcase name="b"/>');

describe('a report file', () => {
  it('becomes results of its run, which begins with it', async () => {
    const run = randomUUID();
    expect(await post(run, small, '?variant=linux&rerun=2')).toEqual({
      status: 200,
      body: { accepted: 3, duplicates: 0, rejected: 0, tests: 3, offset: 5, problems: [] },
    });
    const results = (await eventsOf(run)).filter(({ type }) => type === 'test.finished').map(({ data }) => data);
    expect(results).toMatchObject([
      { testId: 'cart > a', status: 'passed', variant: 'linux', rerun: 2, attempt: 1 },
      { testId: 'cart > b', status: 'failed', error: { message: 'no' } },
      { testId: 'cart > b #2', status: 'passed' },
    ]);
    expect(await leftovers()).toEqual([]);
  });

  it('that is sent again is all duplicates, also when it was compressed', async () => {
    const run = randomUUID();
    await post(run, small);
    const again = { accepted: 0, duplicates: 3, rejected: 0, tests: 3 };
    expect((await post(run, small)).body).toMatchObject(again);
    expect((await post(run, gzipSync(small), '', { 'content-encoding': 'gzip' })).body).toMatchObject(again);
    expect((await post(run, gzipSync(small))).body).toMatchObject(again);
    expect((await post(run, small, '?shard=one')).body).toMatchObject({ accepted: 3, duplicates: 0 });
  });

  it('of more tests than a batch may have is stored whole and in order', async () => {
    const run = randomUUID();
    const names = Array.from({ length: 1234 }, (_, n) => `test ${n}`);
    const trace = `<failure message="no">${'at x\n'.repeat(1000)}</failure>`;
    const report = xml(names.map((name) => `<testcase name="${name}">${trace}</testcase>`).join(''));
    expect((await post(run, report)).body).toMatchObject({ accepted: 1234, tests: 1234 });
    const stored = (await eventsOf(run))
      .filter(({ type }) => type === 'test.finished')
      .map(({ data }) => data['title']);
    expect(stored).toEqual(names);
  });

  it('ends its run with finish=true, and is answered the same when it comes again', async () => {
    const run = randomUUID();
    await post(run, small, '?finish=true');
    expect(await typesOf(run)).toEqual(['run.started', ...Array<string>(3).fill('test.finished'), 'run.finished']);
    expect(await post(run, small, '?finish=true')).toMatchObject({
      status: 200,
      body: { duplicates: 3, problems: [] },
    });
    expect((await typesOf(run)).length).toBe(5);
  });

  it('with a shard and finish=true stands between the start and the end of its shard', async () => {
    const run = randomUUID();
    expect((await post(run, small, '?shard=one&finish=true')).body).toMatchObject({ accepted: 3, tests: 3 });
    const events = await eventsOf(run);
    const types = events.map(({ type }) => type).filter((type) => type !== 'run.started');
    expect(types).toEqual([
      'shard.started',
      ...Array<string>(3).fill('test.finished'),
      'shard.finished',
      'run.finished',
    ]);
    expect(events.find(({ type }) => type === 'shard.started')!.data).toMatchObject({
      shardId: 'one',
      expectedTests: 3,
    });
    expect((await post(run, small, '?shard=one&finish=true')).body).toMatchObject({ duplicates: 3, problems: [] });
    expect(await eventsOf(run)).toEqual(events);
  });

  it('without a test makes a run without a test', async () => {
    const run = randomUUID();
    expect((await post(run, '<testsuites/>', '?finish=true')).body).toMatchObject({ accepted: 0, tests: 0 });
    expect(await typesOf(run)).toEqual(['run.started', 'run.finished']);
  });

  it('may be CTRF, whatever its content type says', async () => {
    const ctrf = JSON.stringify({ results: { tests: [{ name: 'a', status: 'passed', duration: 1 }, null] } });
    expect((await post(randomUUID(), ctrf)).body).toMatchObject({
      accepted: 1,
      tests: 1,
      problems: [{ message: 'Test 2 is not an object; it was left out.' }],
    });
  });

  it('keeps what its tests wrote in streams of their own', async () => {
    const run = randomUUID();
    const text = 'é'.repeat(20_000);
    const report = xml(`<testcase name="a"><system-out>${text}</system-out></testcase><system-err>all</system-err>`);
    const { body } = await post(run, report);
    expect(body).toMatchObject({ rejected: 0, tests: 1, problems: [] });
    const finished = (await eventsOf(run)).find(({ type }) => type === 'test.finished')!;
    const outputOf = async (name: string) => (await read(`output:shop/${run}/${name}`)).map(({ data }) => data);
    const own = await outputOf(finished.data['testKey'] as string);
    expect(own.map((piece) => piece['text']).join('')).toBe(text);
    expect(own.every((piece) => piece['truncated'] === undefined)).toBe(true);
    expect(await outputOf('_')).toMatchObject([{ stream: 'stderr', text: 'all' }]);
  });

  const late = '<testcase name="x"/>'.repeat(3000);
  it.each<[string, string | Uint8Array, number, string]>([
    ['is cut off', xml(late).slice(0, -30), 422, 'report.truncated'],
    ['is cut off while compressed', gzipSync(xml(late)).subarray(0, 200), 422, 'report.truncated'],
    ['is not what it began as', `${xml(late)}</oops>`, 422, 'report.unreadable'],
    [
      'is broken while compressed',
      Buffer.concat([gzipSync(small).subarray(0, 20), Buffer.alloc(50, 7)]),
      422,
      'report.unreadable',
    ],
    ['has a document type', `<!DOCTYPE x>${xml(late)}`, 422, 'report.refused'],
    ['is text', 'ok 1 - a', 415, 'report.unknown-format'],
    ['is empty', '', 422, 'report.truncated'],
  ])('that %s leaves nothing behind', async (_, body, status, code) => {
    const run = randomUUID();
    expect(await post(run, body, '?shard=one&finish=true')).toMatchObject({ status, body: { error: { code } } });
    expect(await eventsOf(run)).toEqual([]);
    expect(await leftovers()).toEqual([]);
  });

  it('that grows too large when it is unpacked is refused while it grows', async () => {
    const bomb = gzipSync(Buffer.alloc(257 * 1024 * 1024, ' '));
    const run = randomUUID();
    expect(await post(run, bomb)).toMatchObject({
      status: 413,
      body: { error: { code: 'request.too-large', details: { limit: 268_435_456 } } },
    });
    expect(await leftovers()).toEqual([]);
  });

  it.each([
    ['in a form', { 'content-type': 'multipart/form-data; boundary=x' }],
    ['in another compression', { 'content-encoding': 'br' }],
  ])('%s is refused by name', async (_, headers) => {
    expect(await post(randomUUID(), small, '', headers)).toMatchObject({
      status: 415,
      body: { error: { code: 'request.unsupported-type' } },
    });
  });

  it('with a query that is not one is refused', async () => {
    expect(await post(randomUUID(), small, '?rerun=0&shard=a/b')).toMatchObject({
      status: 400,
      body: { error: { code: 'request.invalid' } },
    });
  });

  it('of a sender that hangs up leaves nothing behind, and its place is free again', async () => {
    const url = new URL(`${await app.getUrl()}/v1/projects/shop/runs/cut/reports`);
    const headers = { authorization: `Bearer writer`, 'content-length': '1000000' };
    const hangUp = () =>
      new Promise<void>((resolve) => {
        const call = request(url, { method: 'POST', headers });
        call.on('error', () => resolve());
        call.write('<testsuites>', () => setImmediate(() => call.destroy()));
        call.on('close', () => resolve());
      });
    await Promise.all(Array.from({ length: 12 }, hangUp));
    await eventually(async () => expect(await leftovers()).toEqual([]));
    expect(await eventsOf('cut')).toEqual([]);
    const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => post('shared', small, `?shard=s${n}`)));
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(8).fill(200));
  });

  it('needs the right to write, and a project', async () => {
    const as = (key: string) => post(randomUUID(), small, '', { authorization: `Bearer ${key}` });
    expect((await as('stranger')).status).toBe(401);
    expect(await as('reader')).toMatchObject({ status: 403, body: { error: { code: 'auth.forbidden' } } });
    projects.delete('shop');
    try {
      expect(await as('writer')).toMatchObject({ status: 404, body: { error: { code: 'project.unknown' } } });
    } finally {
      projects.add('shop');
    }
  });
});
