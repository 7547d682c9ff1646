import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { RunSummary } from '@testcast/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '#platform/testing';
import { AppProcess } from './support/app-process.ts';
import { freePort } from './support/free-port.ts';

let directory: string;
let url: string;
let app: AppProcess;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'testcast-tutorial-'));
  // Started by root, PostgreSQL runs as somebody else, who must get to its files.
  await chmod(directory, 0o755);
  // What `npm ci` leaves in the folder of a clone.
  await symlink(path.resolve('node_modules'), path.join(directory, 'node_modules'));
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  app = new AppProcess({
    app: 'standalone',
    env: { DATA_DIR: path.join(directory, '.testcast'), PORT: String(port) },
    readyUrl: `${url}/health/ready`,
    withinMs: 60_000,
  });
  await app.start();
});
afterAll(async () => {
  await app.stop();
  await rm(directory, { recursive: true, force: true });
});

it('does what it says, command by command', async () => {
  const page = await readFile('docs/tutorial/first-run.md', 'utf8');
  const [start, ...commands] = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block!);
  expect(start).toBe('npm ci && npm start\n');
  const script = ['set -euo pipefail', ...commands].join('\n').replaceAll('http://127.0.0.1:4000', url);
  const env = { PATH: process.env['PATH'], HOME: directory, TESTCAST_URL: url };
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: directory, env, timeout: 90_000 });
  expect(stdout).toContain('sent 40 of 40 events');

  const first = await ended('first');
  expect(first).toMatchObject({ status: 'failed', counts: { tests: 4, passed: 2, failed: 1, skipped: 1 } });
  const second = await ended('second');
  expect(second).toMatchObject({ status: 'failed', counts: { tests: 20, passed: 19, failed: 1 } });
});

async function ended(runId: string): Promise<RunSummary> {
  const token = (await readFile(path.join(directory, '.testcast/admin.key'), 'utf8')).trim();
  return eventually(async () => {
    const response = await fetch(`${url}/v1/projects/tutorial/runs/${runId}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const run = (await response.json()) as RunSummary;
    expect(run.finishedAt).toBeDefined();
    return run;
  });
}
