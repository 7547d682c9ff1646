import { describe, expect, it } from 'vitest';
import { errorAnswer } from '../../client/src/fixtures/report-server.ts';
import { answer, counts, run, stored, Uploads } from './fixtures/uploads.ts';

const uploads = Uploads.forEachTest();

describe('testcast upload, when it is done,', () => {
  it('tells the counts that hold what it sent, and not those of before', async () => {
    const versions = [4, 4, 7, 8];
    uploads.server.onRequest = ({ call }) => {
      if (call === `POST ${run}/reports`) return { status: 200, body: { ...stored, offset: 8 } };
      if (call !== `GET ${run}`) return undefined;
      const version = versions.length > 1 ? versions.shift()! : versions[0]!;
      return { status: 200, body: { version, counts: version < 8 ? { ...counts, failed: 0 } : counts } };
    };
    expect((await uploads.upload(['reports/a.xml'])).stdout).toContain('(run so far: 3 passed, 1 failed)');
    expect(versions).toEqual([8]);
  });

  it('says what was known already', async () => {
    uploads.server.onRequest = (request) =>
      request.call.endsWith('/reports')
        ? { status: 200, body: { ...stored, accepted: request.body === '<a/>' ? 0 : 1, duplicates: 2 } }
        : answer(request);
    expect((await uploads.upload(['reports/a.xml'])).stdout).toContain(
      'sent 1 of 1 file: 2 tests, all known already (run',
    );
    expect((await uploads.upload(['reports/**/*.xml'])).stdout).toContain('4 tests, 4 of 5 results known already (run');
  });

  it('says that a project is new, since a mistyped one is made too', async () => {
    let known = false;
    uploads.server.onRequest = (request) => {
      if (request.call === `GET ${run}` && !known) return errorAnswer(404, 'project.unknown');
      known = true;
      return answer(request);
    };
    const ran = await uploads.upload(['reports/a.xml']);
    expect(ran.stdout).toMatch(/^project shop is new: it was not there before\nsent 1 of 1 file/);
  });

  it('prints one object with --json and only what went wrong with --quiet', async () => {
    const json = await uploads.upload(['reports/a.xml', 'gone.xml', '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      projectId: 'shop',
      runId: 'r1',
      sent: 1,
      total: 2,
      tests: 2,
      run: counts,
    });
    const quiet = await uploads.upload(['reports/a.xml', '--quiet']);
    expect(quiet).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });
});
