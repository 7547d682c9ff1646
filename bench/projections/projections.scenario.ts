import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { migrateDatabase } from '#platform/database';
import { type LocalPostgres, startLocalPostgres } from '#platform/local-postgres';
import { AppProcess } from '../../test/e2e/support/app-process.ts';
import { freePort } from '../../test/e2e/support/free-port.ts';
import { cpuSeconds } from '../support/cpu-seconds.ts';
import type { Figure, Scenario } from '../support/figures.ts';
import { busySeconds } from '../support/machine-load.ts';
import { BenchLog, lagQuantiles } from './bench-log.ts';

const liveRate = 2_000;
const liveSeconds = 20;

/** How far the rows of runs are behind the log, and how fast they are made anew. */
export const projections: Scenario = {
  name: 'projections',
  help: `The projection of runs and tests in a projector of its own. The log is filled with results of 1,500 tests a run
(300,000 events; --events N for another number) while no projector runs; then one starts and catches up; then a rebuild is
ordered, timed from the order to the moment when queries read its tables, indexes included; then results come at
${liveRate.toLocaleString('en')}/s for ${liveSeconds} s, ten at a time to twenty runs, and the lag of each is the time from the answer of its
append until its checkpoint, which is committed with its row, is seen by somebody who looks every 10 ms. CPU is given for
each event of the rebuild, by who spent it, and so is the memory of the projector at its begin and end.`,
  async run(print, { events = '300000' }) {
    const directory = await mkdtemp(path.join(tmpdir(), 'testcast-bench-'));
    // Started by root, PostgreSQL runs as somebody else, who must get to its files.
    await chmod(directory, 0o755);
    const server = await startLocalPostgres({ dataDir: path.join(directory, 'postgres') });
    try {
      await migrateDatabase(server.url);
      return await measured(server, Number(events), print);
    } finally {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    }
  },
};

async function measured(server: LocalPostgres, events: number, print: (line: string) => void): Promise<Figure[]> {
  const log = await BenchLog.open(server.url);
  const metricsPort = await freePort();
  const projector = new AppProcess({
    app: 'projector',
    env: { DATABASE_URL: server.url, LOG_LEVEL: 'warn', METRICS_PORT: String(metricsPort) },
    readyUrl: `http://127.0.0.1:${metricsPort}/health/ready`,
  });
  try {
    print(`filling the log with ${events.toLocaleString('en')} events …`);
    await log.fill(events);
    print('catching up …');
    await projector.start();
    const { lag } = await log.runs();
    const caughtUpIn = await secondsUntil(async () => (await log.runs()).lag === 0);
    print(`caught up at ${Math.round(lag / caughtUpIn)} events/s; rebuilding …`);
    const rebuild = await rebuildFigures(log, { projector: projector.pid ?? 0, PostgreSQL: server.pid });
    print(`rebuilt at ${Math.round(rebuild[0]!.value)} events/s; ${liveRate.toLocaleString('en')} events a second …`);
    const { p50, p99 } = lagQuantiles(await log.lags(liveRate, liveSeconds));
    return [
      { name: 'catching up', value: lag / caughtUpIn, unit: 'events/s' },
      ...rebuild,
      { name: `lag at ${liveRate.toLocaleString('en')}/s: p50`, value: p50, unit: 'ms' },
      { name: `lag at ${liveRate.toLocaleString('en')}/s: p99`, value: p99, unit: 'ms', target: '< 500' },
    ];
  } finally {
    await projector.stop();
    await log.close();
  }
}

async function rebuildFigures(log: BenchLog, processes: Readonly<Record<string, number>>): Promise<Figure[]> {
  const read = () => Object.entries(processes).map(([name, pid]) => [name, cpuSeconds(pid)] as const);
  const { build } = await log.runs();
  const [before, busyBefore, memoryBefore] = [new Map(read()), busySeconds(), memoryOf(processes['projector']!)];
  await log.orderRebuild();
  let mostMemory = memoryBefore;
  let total = 0;
  const seconds = await secondsUntil(async () => {
    const status = await log.runs();
    mostMemory = Math.max(mostMemory, memoryOf(processes['projector']!));
    total = status.rebuilding?.total ?? total;
    return status.build > build;
  });
  const cpu = read().map(([name, used]) => [name, used - before.get(name)!] as const);
  const taken = (busySeconds() - busyBefore - cpu.reduce((sum, [, used]) => sum + used, 0)) / seconds;
  return [
    { name: 'rebuild', value: total / seconds, unit: 'events/s', target: '20,000' },
    ...cpu.map(([who, used]) => ({ name: `rebuild: CPU an event, ${who}`, value: (used / total) * 1e6, unit: 'µs' })),
    { name: 'rebuild: memory before', value: memoryBefore, unit: 'MiB' },
    { name: 'rebuild: memory at most', value: mostMemory, unit: 'MiB' },
    { name: 'rebuild: memory after', value: memoryOf(processes['projector']!), unit: 'MiB' },
    { name: `rebuild: taken by others, of ${availableParallelism()}`, value: Math.max(0, taken), unit: 'cores' },
  ];
}

async function secondsUntil(done: () => Promise<boolean>): Promise<number> {
  const began = performance.now();
  while (!(await done())) await delay(250);
  return (performance.now() - began) / 1_000;
}

/** Resident, in MiB; NaN where there is no /proc. */
function memoryOf(pid: number): number {
  try {
    const [, kib] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
    return Number(kib) / 1_024;
  } catch {
    return Number.NaN;
  }
}
