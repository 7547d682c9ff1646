import { describe, expect, it } from 'vitest';
import { run, stored, Uploads } from './fixtures/uploads.ts';

const uploads = Uploads.forEachTest();

describe('testcast upload', () => {
  it('sends what names and patterns stand for, each file once, and says what arrived', async () => {
    const ran = await uploads.upload([
      'reports/a.xml',
      'reports/**/*.xml',
      '--shard',
      'unit (1/2)',
      '--variant',
      'node 20',
    ]);
    expect(ran).toEqual({
      exitCode: 0,
      stdout: `sent 2 of 2 files: 4 tests (run so far: 3 passed, 1 failed)\nrun r1: ${uploads.server.url}/p/shop/runs/r1 (open for more; --finish ends it)\n`,
      stderr: '',
    });
    const reports = uploads.server.calls(`POST ${run}/reports`);
    expect(reports.map(({ body }) => body)).toEqual(['<a/>', '<b/>']);
    expect(reports[0]).toMatchObject({
      query: { shard: 'unit-1-2', variant: 'node 20', rerun: '1' },
      authorization: 'Bearer tc_1',
    });
  });

  it('takes run and rerun from the CI system and tells the run what it knows', async () => {
    const github = { GITHUB_ACTIONS: 'true', GITHUB_RUN_ID: '9', GITHUB_RUN_ATTEMPT: '2', GITHUB_REF_NAME: 'main' };
    uploads.server.onRequest = ({ call }) => (call.endsWith('/reports') ? { status: 200, body: stored } : undefined);
    const ran = await uploads.upload(['reports/a.xml'], { ...github, TESTCAST_RUN_ID: '' });
    expect(ran.exitCode).toBe(0);
    expect(uploads.server.calls('PUT /v1/projects/shop/runs/github-9').map(({ body }) => body)).toEqual([
      '{"branch":"main"}',
    ]);
    expect(uploads.server.calls('POST /v1/projects/shop/runs/github-9/reports')[0]!.query).toEqual({ rerun: '2' });
  });

  it('ends the shard around its files, or the run after them', async () => {
    await uploads.upload(['reports/*.xml', '--shard', 's1', '--finish']);
    expect(
      uploads.server.requests.map(({ call, body }) => [call.split('/').at(-1), /"kind":"([a-z.]+)"/.exec(body)?.[1]]),
    ).toEqual([
      ['r1', undefined],
      ['r1', undefined],
      ['results', 'shard.started'],
      ['reports', undefined],
      ['results', 'shard.finished'],
      ['r1', undefined],
    ]);
    uploads.server.requests.length = 0;
    await uploads.upload(['reports/*.xml', '--finish']);
    expect(uploads.server.calls(`POST ${run}/finish`).map(({ body }) => body)).toEqual(['{}']);
  });

  it('names a run that nobody named by its files', async () => {
    uploads.server.onRequest = ({ call }) => (call.endsWith('/reports') ? { status: 200, body: stored } : undefined);
    await uploads.upload(['reports/**/*.xml'], { TESTCAST_RUN_ID: '' });
    expect(uploads.server.requests.find(({ call }) => call.startsWith('PUT '))!.body).toBe(
      '{"name":"a.xml and 1 more"}',
    );
  });

  it('takes a name with the characters of a pattern as the file it is', async () => {
    uploads.write('results[1].xml', '<c/>');
    expect(await uploads.upload(['results[1].xml'])).toMatchObject({ exitCode: 0 });
    expect(uploads.server.calls(`POST ${run}/reports`)[0]!.body).toBe('<c/>');
  });

  it('sends what a reporter left behind, line by line', async () => {
    const line = (testId: string): string => JSON.stringify({ kind: 'test.planned', at: 1, testId });
    uploads.write('left.ndjson', `${[line('one'), '', line(''), line('two')].join('\n')}\n`);
    const ran = await uploads.upload(['left.ndjson']);
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr).toBe(
      'left.ndjson: testId is empty (line 3)\nleft.ndjson: 1 result rejected\n' +
        'run r1 stays open: send what is missing, or end it with --finish\n',
    );
    expect([...uploads.server.stored]).toEqual([line('one'), line('two')]);
  });
});
