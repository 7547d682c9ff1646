import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually, keepLog } from '#platform/local-services';
import { ClusterLogs } from './cluster-logs.ts';

let directory: string;
let logs: ClusterLogs;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'testcast-logs-'));
  logs = await ClusterLogs.in(path.join(directory, 'logs'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

it('names a file for each process', () => {
  expect(path.relative(directory, logs.fileOf('PostgreSQL primary'))).toBe(path.join('logs', 'postgresql-primary.log'));
});

it('shows the end of a log, however long it is', async () => {
  await writeFile(logs.fileOf('Kafka 1'), Array.from({ length: 200_000 }, (_, line) => `line ${line}\n`).join(''));
  expect(await logs.tailOf('Kafka 1')).toEqual(Array.from({ length: 12 }, (_, line) => `line ${199_988 + line}`));
  expect(await logs.tailOf('Kafka 2')).toEqual([]);
});

it('has what a process said before it ended, of all its starts', async () => {
  for (const word of ['first', 'second']) {
    const child = spawn(process.execPath, ['-e', `console.log('${word}'); console.error('no'); process.exit(3)`]);
    keepLog(child, logs.fileOf('gateway-1'));
  }
  await eventually(async () => {
    const said = await logs.tailOf('gateway-1');
    expect([...said].sort()).toEqual(['first', 'no', 'no', 'second']);
  });
});
