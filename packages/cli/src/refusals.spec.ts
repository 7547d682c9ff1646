import { describe, expect, it } from 'vitest';
import { errorAnswer } from '../../client/src/fixtures/report-server.ts';
import { answer, run, stored, Uploads } from './fixtures/uploads.ts';

const uploads = Uploads.forEachTest();

describe('testcast upload, where not everything is taken,', () => {
  it('names the file that was refused and why, and sends the others', async () => {
    uploads.server.onRequest = (request) =>
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
    const ran = await uploads.upload(['reports/**/*.xml', '--finish']);
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr).toBe(
      'reports/a.xml: refused: Unclosed tag (line 3, column 7)\n' +
        'run r1 was ended as interrupted, since not everything is in it; it is failed where a test has failed\n',
    );
    expect(ran.stdout).toContain('sent 1 of 2 files: 2 tests');
    // Nobody may conclude from half the files that everything passed.
    expect(uploads.server.calls(`POST ${run}/finish`).map(({ body }) => body)).toEqual(['{"status":"interrupted"}']);
  });

  it('counts rejected results as not sent, and shows the problems', async () => {
    const problems = [{ code: 'item.conflict', message: 'stored before with other content', testId: 'cart adds' }];
    uploads.server.onRequest = (request) =>
      request.call.endsWith('/reports') ? { status: 200, body: { ...stored, rejected: 1, problems } } : answer(request);
    const ran = await uploads.upload(['reports/a.xml']);
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr).toBe(
      'reports/a.xml: cart adds: stored before with other content\nreports/a.xml: 1 result rejected\n' +
        'run r1 stays open: send what is missing, or end it with --finish\n',
    );
  });

  it('begins no run of which nothing was accepted', async () => {
    uploads.server.onRequest = ({ call }) => {
      if (call === `GET ${run}`) return errorAnswer(404, 'run.unknown');
      return call.endsWith('/reports') ? errorAnswer(422, 'report.unreadable') : undefined;
    };
    const ran = await uploads.upload(['reports/a.xml']);
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr).toBe('reports/a.xml: refused: report.unreadable\nrun r1 was not begun: nothing was accepted\n');
    expect(uploads.server.calls(`PUT ${run}`)).toEqual([]);
  });

  it('says which names stand for no file', async () => {
    const ran = await uploads.upload(['nothing/*.xml', 'gone.xml', 'reports']);
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr.split('\n')).toEqual([
      'No file matches nothing/*.xml.',
      'There is no file gone.xml.',
      'reports is a folder: name its files, as "reports/**/*.xml".',
      '',
    ]);
    expect(uploads.server.requests).toEqual([]);
  });
});
