import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { connectionOptions, migrateDatabase } from '#platform/database';
import { LogVerifier, PostgresEventStore } from '#platform/event-store';
import { startLocalPostgres } from '#platform/local-postgres';
import type { Figure, Scenario } from '../support/figures.ts';
import { inChild } from '../support/in-child.ts';
import type { SplitOptions, SplitResult } from './split.process.ts';
import { WaitEvents } from '../support/wait-events.ts';
import { stallsOf } from './stalls.ts';
import { fill, streamsOf, type TimedAppend, write, type Written, writtenSince } from './writers.ts';

const partition = 0;
const events = 250_000;
const writers = 64;
const warmUpMs = 3_000;
const undisturbedMs = 15_000;

/** A partition is split while its streams are written to. */
export const split: Scenario = {
  name: 'split',
  help: `A partition of ${events.toLocaleString('en')} events is split while ${writers} writers append to its streams (three of four
appends) and to others, one event in flight each, durable (fsync on). Closed loop; an append is timed from the call of the
store to its answer. Beside what the appends are during the split stands what they are in the 15 seconds before it, since a
disk that is flushed makes some wait as well. Writers, operator and PostgreSQL are three processes of this machine. The
split begins when it is planned: the five seconds before, in which the operator only counts appends, are left out. What the
slowest appends waited for is printed, as pg_stat_activity told it every 10 ms. At the end the whole log is verified.`,
  async run(print) {
    const directory = await mkdtemp(path.join(tmpdir(), 'testcast-bench-'));
    // Started by root, PostgreSQL runs as somebody else, who must get to its files.
    await chmod(directory, 0o755);
    const server = await startLocalPostgres({ dataDir: path.join(directory, 'postgres') });
    try {
      await migrateDatabase(server.url);
      const dataSource = await new DataSource(connectionOptions({ url: server.url })).initialize();
      try {
        return await measure(server.url, dataSource, print);
      } finally {
        await dataSource.destroy();
      }
    } finally {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    }
  },
};

async function measure(url: string, dataSource: DataSource, print: (line: string) => void): Promise<Figure[]> {
  const store = new PostgresEventStore(dataSource);
  const theirs = streamsOf(partition, 60);
  print('filling the partition …');
  await fill(store, theirs, events);
  const streams = [...theirs, ...streamsOf(1, 10), ...streamsOf(2, 10)];
  await during(() => delay(warmUpMs), store, streams);
  print('appending …');
  const undisturbed = performance.now();
  const before = writtenSince((await during(() => delay(undisturbedMs), store, streams)).appends, undisturbed);
  print('splitting …');
  const splitting = () =>
    inChild<SplitResult>(new URL('split.process.js', import.meta.url), { url, partition } satisfies SplitOptions);
  const waits = new WaitEvents(dataSource);
  waits.start();
  const { appends, result } = await during(splitting, store, streams);
  await waits.stop();
  const planned = result.steps[0]!.first - performance.timeOrigin;
  const written = writtenSince(appends, planned);
  for (const line of stallsOf(written.slowest, result.steps, waits)) print(line);
  print('verifying …');
  const began = performance.now();
  const findings = await new LogVerifier(dataSource).verify();
  for (const { check, where, problem } of findings) print(`${check}: ${where}: ${problem}`);
  const verified = (performance.now() - began) / 1_000;
  const positions = (await store.heads()).positions.reduce((sum, position) => sum + position, 0);
  await store.close();
  return [
    { name: 'rows moved', value: result.rowsMoved, unit: '' },
    { name: 'time of the split', value: result.seconds, unit: 's' },
    { name: 'flip of the map', value: result.flipMs, unit: 'ms' },
    ...figuresOf('during the split', written, '< 200'),
    ...figuresOf('before it', before),
    { name: 'events verified', value: positions, unit: '' },
    { name: 'time of verify', value: verified, unit: 's' },
    { name: 'findings', value: findings.length, unit: '', target: '0' },
  ];
}

async function during<T>(
  work: () => Promise<T>,
  store: PostgresEventStore,
  streams: readonly string[],
): Promise<{ result: T; appends: TimedAppend[] }> {
  const done = new AbortController();
  const writing = write(store, streams, writers, done.signal);
  const result = await work().finally(() => done.abort());
  return { result, appends: await writing };
}

function figuresOf(when: string, { eventsPerSecond, p50, p99, longest }: Written, target?: string): Figure[] {
  return [
    { name: `${when}: longest append`, value: longest, unit: 'ms', ...(target === undefined ? {} : { target }) },
    { name: `${when}: p50`, value: p50, unit: 'ms' },
    { name: `${when}: p99`, value: p99, unit: 'ms' },
    { name: `${when}: appends`, value: eventsPerSecond, unit: '/s' },
  ];
}
