import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Uploads } from './fixtures/uploads.ts';

const uploads = Uploads.forEachTest();

describe('the command line', () => {
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
    const ran = await uploads.upload(args, env);
    expect(ran.exitCode).toBe(2);
    expect(ran.stderr).toContain(message);
  });
});

it('testcast --version prints the version', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const ran = await uploads.cli.run(['--version'], { cwd: uploads.folder });
  expect(ran).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
});
