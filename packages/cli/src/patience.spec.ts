import { describe, expect, it } from 'vitest';
import { errorAnswer } from '../../client/src/fixtures/report-server.ts';
import { answer, run, Uploads } from './fixtures/uploads.ts';

const uploads = Uploads.forEachTest();

describe('testcast upload, where the server is not well or does not know it,', () => {
  it('sends a file again from its beginning when the server was not well', async () => {
    let failures = 2;
    uploads.server.onRequest = (request) => {
      if (!request.call.endsWith('/reports') || failures-- <= 0) return answer(request);
      return failures === 1 ? errorAnswer(503, 'store.unavailable', true) : 'cut';
    };
    const ran = await uploads.upload(['reports/a.xml']);
    expect(ran.exitCode).toBe(0);
    expect(ran.stderr).toMatch(/^waiting for the server: store\.unavailable\nthe server is back after [\d.]+ s\n$/);
    expect(uploads.server.calls(`POST ${run}/reports`).map(({ body }) => body)).toEqual(['<a/>', '<a/>', '<a/>']);
  });

  it('says once that it waits, and once that the server is back, with what is to be sent', async () => {
    let failures = 4;
    uploads.server.onRequest = (request) =>
      failures-- > 0 ? errorAnswer(503, 'store.unavailable', true) : answer(request);
    const ran = await uploads.upload(['reports/**/*.xml']);
    expect(ran.exitCode).toBe(0);
    expect(ran.stderr).toMatch(
      /^waiting for the server: store\.unavailable\nthe server is back after [\d.]+ s; 2 files wait to be sent \(8 B\)\n$/,
    );
  });

  it('fails when the server cannot be reached, and only warns with --soft', async () => {
    await uploads.server.stop();
    const hard = await uploads.upload(['reports/a.xml', '--timeout', '0.5']);
    expect(hard).toMatchObject({ exitCode: 1 });
    expect(hard.stderr).toMatch(/^Nothing could be sent to http:.*ECONNREFUSED/m);
    const soft = await uploads.upload(['reports/a.xml', '--timeout', '0.5', '--soft']);
    expect(soft.exitCode).toBe(0);
    expect(soft.stderr).toContain('warning: the server could not be reached');
    expect(soft.stdout).toBe('sent 0 of 1 file: 0 tests\n');
  });

  it('does not let --soft hide a refusal', async () => {
    uploads.server.onRequest = () => errorAnswer(401, 'auth.invalid');
    const ran = await uploads.upload(['reports/a.xml', '--soft']);
    expect(ran).toMatchObject({
      exitCode: 1,
      stderr: `${uploads.server.url} (--url, TESTCAST_URL) does not take the token of TESTCAST_TOKEN: auth.invalid\n`,
    });
    expect(uploads.server.requests).toHaveLength(1);
  });

  it('names the place of a local key that the server does not take', async () => {
    uploads.write('.testcast/admin.key', 'tc_other');
    uploads.server.onRequest = () => errorAnswer(401, 'auth.invalid');
    const env = { TESTCAST_URL: uploads.server.url, TESTCAST_PROJECT: 'shop' };
    const ran = await uploads.cli.run(['upload', 'reports/a.xml'], { cwd: uploads.folder, env });
    expect(ran.stderr).toContain(
      'does not take the token of .testcast/admin.key: auth.invalid Is it the key of another',
    );
  });
});
