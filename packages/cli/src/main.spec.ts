import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ProtocolServer } from '../../client/src/fixtures/protocol-server.ts';
import { errorAnswer, ReportServer, type ReceivedRequest } from '../../client/src/fixtures/report-server.ts';
import { BuiltCli, type Ran } from './fixtures/built-cli.ts';

const cli = new BuiltCli();
const bundle = (entry: string, outDir: string): Promise<unknown> =>
  build({
    configFile: false,
    logLevel: 'silent',
    resolve: { conditions: ['@testcast/source'] },
    ssr: { noExternal: true, resolve: { conditions: ['@testcast/source'] } },
    build: { ssr: entry, outDir, minify: false },
  });
beforeAll(() => cli.build(bundle), 30_000);
afterAll(() => cli.remove());

const stored = { accepted: 2, duplicates: 0, rejected: 0, tests: 2, problems: [] as unknown[] };
const counts = { tests: 4, passed: 3, failed: 1, flaky: 0, skipped: 0, pending: 0, attempts: 4 };

let server: ReportServer;
let folder: string;
beforeEach(async () => {
  server = await ReportServer.start();
  server.onRequest = answer;
  folder = mkdtempSync(join(tmpdir(), 'upload-spec-'));
  mkdirSync(join(folder, 'reports/deep'), { recursive: true });
  write('reports/a.xml', '<a/>');
  write('reports/deep/b.xml', '<b/>');
});
afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const run = '/v1/projects/shop/runs/r1';

function answer({ call }: ReceivedRequest) {
  if (call === `POST ${run}/reports`) return { status: 200, body: stored };
  if (call === `GET ${run}`) return { status: 200, body: { version: 9, counts } };
  return undefined;
}

function upload(args: string[], env: Record<string, string> = {}): Promise<Ran> {
  const base = { TESTCAST_URL: server.url, TESTCAST_TOKEN: 'tc_1', TESTCAST_PROJECT: 'shop', TESTCAST_RUN_ID: 'r1' };
  return cli.run(['upload', ...args], { cwd: folder, env: { ...base, ...env } });
}

describe('testcast upload', () => {
  it('sends what names and patterns stand for, each file once, and says what arrived', async () => {
    const ran = await upload(['reports/a.xml', 'reports/**/*.xml', '--shard', 'unit (1/2)', '--variant', 'node 20']);
    expect(ran).toEqual({
      exitCode: 0,
      stdout: `sent 2 of 2 files: 4 tests (run so far: 3 passed, 1 failed)\nrun r1: ${server.url}/p/shop/runs/r1 (open for more; --finish ends it)\n`,
      stderr: '',
    });
    const reports = server.calls(`POST ${run}/reports`);
    expect(reports.map(({ body }) => body)).toEqual(['<a/>', '<b/>']);
    expect(reports[0]).toMatchObject({
      query: { shard: 'unit-1-2', variant: 'node 20', rerun: '1' },
      authorization: 'Bearer tc_1',
    });
  });

  it('tells the counts that hold what it sent, and not those of before', async () => {
    const versions = [4, 4, 7, 8];
    server.onRequest = ({ call }) => {
      if (call === `POST ${run}/reports`) return { status: 200, body: { ...stored, offset: 8 } };
      if (call !== `GET ${run}`) return undefined;
      const version = versions.length > 1 ? versions.shift()! : versions[0]!;
      return { status: 200, body: { version, counts: version < 8 ? { ...counts, failed: 0 } : counts } };
    };
    expect((await upload(['reports/a.xml'])).stdout).toContain('(run so far: 3 passed, 1 failed)');
    expect(versions).toEqual([8]);
  });

  it('takes run and rerun from the CI system and tells the run what it knows', async () => {
    const github = { GITHUB_ACTIONS: 'true', GITHUB_RUN_ID: '9', GITHUB_RUN_ATTEMPT: '2', GITHUB_REF_NAME: 'main' };
    server.onRequest = ({ call }) => (call.endsWith('/reports') ? { status: 200, body: stored } : undefined);
    const ran = await upload(['reports/a.xml'], { ...github, TESTCAST_RUN_ID: '' });
    expect(ran.exitCode).toBe(0);
    expect(server.calls('PUT /v1/projects/shop/runs/github-9').map(({ body }) => body)).toEqual(['{"branch":"main"}']);
    expect(server.calls('POST /v1/projects/shop/runs/github-9/reports')[0]!.query).toEqual({ rerun: '2' });
  });

  it('names the file that was refused and why, and sends the others', async () => {
    server.onRequest = (request) =>
      request.body === '<a/>'
        ? {
            status: 422,
            body: {
              error: {
                code: 'report.unreadable',
                message: 'Unclosed tag',
                temporary: false,
                details: { line: 3, column: 7 },
              },
            },
          }
        : answer(request);
    const ran = await upload(['reports/**/*.xml', '--finish']);
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr).toBe(
      'reports/a.xml: refused: Unclosed tag (line 3, column 7)\n' +
        'run r1 was ended as interrupted, since not everything is in it; it is failed where a test has failed\n',
    );
    expect(ran.stdout).toContain('sent 1 of 2 files: 2 tests');
    // Nobody may conclude from half the files that everything passed.
    expect(server.calls(`POST ${run}/finish`).map(({ body }) => body)).toEqual(['{"status":"interrupted"}']);
  });

  it('counts rejected results as not sent, and shows the problems', async () => {
    const problems = [{ code: 'item.conflict', message: 'stored before with other content', testId: 'cart adds' }];
    server.onRequest = (request) =>
      request.call.endsWith('/reports') ? { status: 200, body: { ...stored, rejected: 1, problems } } : answer(request);
    const ran = await upload(['reports/a.xml']);
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr).toBe(
      'reports/a.xml: cart adds: stored before with other content\nreports/a.xml: 1 result rejected\n' +
        'run r1 stays open: send what is missing, or end it with --finish\n',
    );
  });

  it('ends the shard around its files, or the run after them', async () => {
    await upload(['reports/*.xml', '--shard', 's1', '--finish']);
    expect(
      server.requests.map(({ call, body }) => [call.split('/').at(-1), /"kind":"([a-z.]+)"/.exec(body)?.[1]]),
    ).toEqual([
      ['r1', undefined],
      ['r1', undefined],
      ['results', 'shard.started'],
      ['reports', undefined],
      ['results', 'shard.finished'],
      ['r1', undefined],
    ]);
    server.requests.length = 0;
    await upload(['reports/*.xml', '--finish']);
    expect(server.calls(`POST ${run}/finish`).map(({ body }) => body)).toEqual(['{}']);
  });

  it('sends a file again from its beginning when the server was not well', async () => {
    let failures = 2;
    server.onRequest = (request) => {
      if (!request.call.endsWith('/reports') || failures-- <= 0) return answer(request);
      return failures === 1 ? errorAnswer(503, 'store.unavailable', true) : 'cut';
    };
    const ran = await upload(['reports/a.xml']);
    expect(ran.exitCode).toBe(0);
    expect(ran.stderr).toContain('waiting for the server: store.unavailable');
    expect(server.calls(`POST ${run}/reports`).map(({ body }) => body)).toEqual(['<a/>', '<a/>', '<a/>']);
  });

  it('fails when the server cannot be reached, and only warns with --soft', async () => {
    await server.stop();
    const hard = await upload(['reports/a.xml', '--timeout', '0.5']);
    expect(hard).toMatchObject({ exitCode: 1 });
    expect(hard.stderr).toMatch(/^Nothing could be sent to http:.*ECONNREFUSED/m);
    const soft = await upload(['reports/a.xml', '--timeout', '0.5', '--soft']);
    expect(soft.exitCode).toBe(0);
    expect(soft.stderr).toContain('warning: the server could not be reached');
    expect(soft.stdout).toBe('sent 0 of 1 file: 0 tests\n');
  });

  it('does not let --soft hide a refusal', async () => {
    server.onRequest = () => errorAnswer(401, 'auth.invalid');
    const ran = await upload(['reports/a.xml', '--soft']);
    expect(ran).toMatchObject({
      exitCode: 1,
      stderr: `${server.url} (--url, TESTCAST_URL) does not take the token of TESTCAST_TOKEN: auth.invalid\n`,
    });
    expect(server.requests).toHaveLength(1);
  });

  it('begins no run of which nothing was accepted', async () => {
    server.onRequest = ({ call }) => {
      if (call === `GET ${run}`) return errorAnswer(404, 'run.unknown');
      return call.endsWith('/reports') ? errorAnswer(422, 'report.unreadable') : undefined;
    };
    const ran = await upload(['reports/a.xml']);
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr).toBe('reports/a.xml: refused: report.unreadable\nrun r1 was not begun: nothing was accepted\n');
    expect(server.calls(`PUT ${run}`)).toEqual([]);
  });

  it('names a run that nobody named by its files', async () => {
    server.onRequest = ({ call }) => (call.endsWith('/reports') ? { status: 200, body: stored } : undefined);
    await upload(['reports/**/*.xml'], { TESTCAST_RUN_ID: '' });
    expect(server.requests.find(({ call }) => call.startsWith('PUT '))!.body).toBe('{"name":"a.xml and 1 more"}');
  });

  it('says what was known already', async () => {
    server.onRequest = (request) =>
      request.call.endsWith('/reports')
        ? { status: 200, body: { ...stored, accepted: request.body === '<a/>' ? 0 : 1, duplicates: 2 } }
        : answer(request);
    expect((await upload(['reports/a.xml'])).stdout).toContain('sent 1 of 1 file: 2 tests, all known already (run');
    expect((await upload(['reports/**/*.xml'])).stdout).toContain('4 tests, 4 of 5 results known already (run');
  });

  it('says that a project is new, since a mistyped one is made too', async () => {
    let known = false;
    server.onRequest = (request) => {
      if (request.call === `GET ${run}` && !known) return errorAnswer(404, 'project.unknown');
      known = true;
      return answer(request);
    };
    const ran = await upload(['reports/a.xml']);
    expect(ran.stdout).toMatch(/^project shop is new: it was not there before\nsent 1 of 1 file/);
  });

  it('names the place of a local key that the server does not take', async () => {
    mkdirSync(join(folder, '.testcast'));
    write('.testcast/admin.key', 'tc_other');
    server.onRequest = () => errorAnswer(401, 'auth.invalid');
    const env = { TESTCAST_URL: server.url, TESTCAST_PROJECT: 'shop' };
    const ran = await cli.run(['upload', 'reports/a.xml'], { cwd: folder, env });
    expect(ran.stderr).toContain(
      'does not take the token of .testcast/admin.key: auth.invalid Is it the key of another',
    );
  });

  it('says which names stand for no file', async () => {
    const ran = await upload(['nothing/*.xml', 'gone.xml', 'reports']);
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr.split('\n')).toEqual([
      'No file matches nothing/*.xml.',
      'There is no file gone.xml.',
      'reports is a folder: name its files, as "reports/**/*.xml".',
      '',
    ]);
    expect(server.requests).toEqual([]);
  });

  it('takes a name with the characters of a pattern as the file it is', async () => {
    write('results[1].xml', '<c/>');
    expect(await upload(['results[1].xml'])).toMatchObject({ exitCode: 0 });
    expect(server.calls(`POST ${run}/reports`)[0]!.body).toBe('<c/>');
  });

  it('sends what a reporter left behind, line by line', async () => {
    const line = (testId: string): string => JSON.stringify({ kind: 'test.planned', at: 1, testId });
    write('left.ndjson', `${[line('one'), '', line(''), line('two')].join('\n')}\n`);
    const ran = await upload(['left.ndjson']);
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr).toBe(
      'left.ndjson: testId is empty (line 3)\nleft.ndjson: 1 result rejected\n' +
        'run r1 stays open: send what is missing, or end it with --finish\n',
    );
    expect([...server.stored]).toEqual([line('one'), line('two')]);
  });

  it('prints one object with --json and only what went wrong with --quiet', async () => {
    const json = await upload(['reports/a.xml', 'gone.xml', '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      projectId: 'shop',
      runId: 'r1',
      sent: 1,
      total: 2,
      tests: 2,
      run: counts,
    });
    const quiet = await upload(['reports/a.xml', '--quiet']);
    expect(quiet).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  it.each([
    [
      ['reports/a.xml'],
      { TESTCAST_TOKEN: '' },
      'Say a token: --token or TESTCAST_TOKEN. A server that was started here keeps one in .testcast/admin.key',
    ],
    [['reports/a.xml'], { TESTCAST_URL: 'localhost:4000' }, 'The server is no http address: localhost:4000'],
    [['reports/a.xml', '--project', 'No Spaces'], {}, '"No Spaces" is no project'],
    [['reports/a.xml', '--rerun', 'x'], {}, '--rerun is a whole number from 1.'],
    [['reports/a.xml', '--timeout', '-1'], {}, '--timeout is a number of seconds'],
    [['reports/a.xml', '--unknown'], {}, "unknown option '--unknown'"],
    [[], {}, "missing required argument 'files'"],
  ])('refuses %j with %j', async (args, env, message) => {
    const ran = await upload(args, env);
    expect(ran.exitCode).toBe(2);
    expect(ran.stderr).toContain(message);
  });
});

it('testcast --version prints the version', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  expect(await cli.run(['--version'], { cwd: folder })).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
});

it('testcast watch says that it waits, prints results as they arrive and ends with the run', async () => {
  const stream = await ProtocolServer.start();
  const room = 'run:shop/r1';
  const env = { TESTCAST_URL: stream.url, TESTCAST_TOKEN: 'tc_1', TESTCAST_PROJECT: 'shop' };
  stream.routes.set('GET /v1/projects/shop/runs/r1', () => ({
    status: 404,
    body: { error: { code: 'run.unknown', message: 'no run', temporary: false } },
  }));
  const watching = cli.run(['watch', 'r1'], { cwd: folder, env });
  const test = { testKey: 'k', testId: 'cart adds', variant: 'firefox', shardId: '', rerun: 1, attempt: 2 };
  stream.onMessage = ({ type, data }) => {
    if (type === 'room.subscribe' && (data as { room: string }).room === room) {
      setImmediate(() => {
        const data = { ...test, status: 'failed', durationMs: 12, error: { message: 'expected 2\nto be 3' } };
        stream.append(room, { type: 'test.finished', data });
        stream.set('run-summary:shop/r1', { key: 'r1', version: 1, value: { status: 'failed', counts, version: 1 } });
      });
    }
    return 'default';
  };
  const ran = await watching;
  await stream.stop();
  expect(ran).toEqual({
    exitCode: 1,
    stdout:
      '✕ cart adds [firefox, attempt 2] (12 ms)\n    expected 2\n' +
      'failed: 4 tests, 3 passed, 1 failed, 0 flaky, 0 skipped, 0 pending\n',
    stderr: 'waiting for run r1 of project shop to begin (Ctrl-C ends it)\n',
  });
});
