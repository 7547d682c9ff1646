import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { RunSummary } from '@testcast/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '#platform/testing';
import { AppProcess } from './support/app-process.ts';
import { freePort } from './support/free-port.ts';
import { nodeOfLine } from './support/node-line.ts';
import { Watcher } from './support/watcher.ts';

describe.each([22, 24])('on Node.js %i', (line) => {
  const node = nodeOfLine(line);
  let dataDir: string;
  let port: number;
  let app: AppProcess;

  beforeAll(async () => {
    if (node === undefined) return;
    dataDir = await mkdtemp(path.join(tmpdir(), 'testcast-node-'));
    // Started by root, PostgreSQL runs as somebody else, who must get to its files.
    await chmod(dataDir, 0o755);
    port = await freePort();
    app = new AppProcess({
      app: 'standalone',
      node,
      env: { DATA_DIR: dataDir, PORT: String(port) },
      readyUrl: `http://127.0.0.1:${port}/health/ready`,
      withinMs: 60_000,
    });
    await app.start();
  });
  afterAll(async () => {
    if (node === undefined) return;
    await app.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it.skipIf(node === undefined)('starts, takes a report, and brings a watcher up to date after a kill', async () => {
    const token = (await readFile(path.join(dataDir, 'admin.key'), 'utf8')).trim();
    const url = `http://127.0.0.1:${port}`;
    const watcher = new Watcher(`ws://127.0.0.1:${port}/stream`, token, 'run:smoke/first');
    const following = watcher.follow();
    await upload(node!, url, token, 'test/fixtures/reports/junit/node-test.xml');
    await eventually(() => expect(watcher.offset).toBeGreaterThan(0));
    await app.kill('SIGKILL');
    await app.start();
    await upload(node!, url, token, 'test/fixtures/reports/junit/pytest.xml');
    const run = await eventually(async () => {
      const response = await fetch(`${url}/v1/projects/smoke/runs/first`, {
        headers: { authorization: `Bearer ${token}` },
      });
      const summary = (await response.json()) as RunSummary;
      expect(summary.counts.tests).toBe(21);
      return summary;
    });
    await eventually(() => expect(watcher.offset).toBe(run.version));
    expect(watcher.complaints).toEqual([]);
    watcher.stop();
    await following;
  });
});

async function upload(node: string, url: string, token: string, file: string): Promise<void> {
  const args = ['packages/cli/bin/testcast.js', 'upload', file, '--project', 'smoke', '--run', 'first'];
  const env = { PATH: process.env['PATH'], TESTCAST_URL: url, TESTCAST_TOKEN: token };
  await promisify(execFile)(node, args, { env, timeout: 60_000 });
}
