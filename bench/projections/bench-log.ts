import { DataSource } from 'typeorm';
import { connectionOptions } from '#platform/database';
import { PostgresEventStore } from '#platform/event-store';
import { CommitHintSender, notifies, type ProjectionStatus, Rebuilds } from '#platform/messaging';
import { quantile } from '../support/figures.ts';
import { type BenchRun, newResults, newRun } from './run-events.ts';

const testsARun = 1_500;
const runsAtOnce = 16;
const perAppend = 250;
/** Milliseconds between two looks at the checkpoints: a lag is seen by so much too late at most. */
const lookEveryMs = 10;
/** Milliseconds after the last append was due, for its answer. */
const settleMs = 1_000;

/** The log as a gateway writes it, and what can be seen of the projection of runs. */
export class BenchLog {
  private readonly store: PostgresEventStore;
  private readonly hints: CommitHintSender;
  private readonly rebuilds: Rebuilds;

  private constructor(private readonly database: DataSource) {
    this.store = new PostgresEventStore(database);
    this.rebuilds = new Rebuilds(database, this.store);
    this.hints = new CommitHintSender(this.store, notifies(database));
  }

  static async open(url: string): Promise<BenchLog> {
    return new BenchLog(await new DataSource(connectionOptions({ url, applicationName: 'bench' })).initialize());
  }

  async fill(events: number): Promise<void> {
    const runs = Array.from({ length: Math.ceil(events / testsARun) }, newRun).values();
    const work = async (): Promise<void> => {
      for (const { stream, started } of runs) {
        await this.store.append({ stream, events: [started] });
        for (let at = 0; at < testsARun; at += perAppend)
          await this.store.append({ stream, events: newResults(at, perAppend) });
      }
    };
    await Promise.all(Array.from({ length: runsAtOnce }, work));
  }

  async runs(): Promise<ProjectionStatus> {
    return (await this.rebuilds.status()).find(({ name }) => name === 'runs')!;
  }

  async orderRebuild(): Promise<void> {
    await this.rebuilds.order('runs');
  }

  /**
   * Appends at a steady rate to twenty runs, ten events at a time.
   *
   * @returns milliseconds from the answer of each append to the commit of its rows being seen, ascending
   */
  async lags(eventsPerSecond: number, seconds: number): Promise<number[]> {
    this.hints.start();
    const runs = Array.from({ length: 20 }, newRun);
    await Promise.all(runs.map(({ stream, started }) => this.store.append({ stream, events: [started] })));
    const waiting: { slot: number; position: number; committedAt: number }[] = [];
    const lags: number[] = [];
    const began = performance.now();
    const until = began + seconds * 1_000;
    const appending = this.appendSteadily(runs, { eventsPerSecond, until }, (one) => waiting.push(one));
    while (performance.now() < until + settleMs || waiting.length > 0) {
      const positions = await this.checkpoints();
      const now = performance.now();
      for (const one of waiting.splice(0)) {
        if ((positions.get(one.slot) ?? 0) >= one.position) lags.push(now - one.committedAt);
        else waiting.push(one);
      }
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
    await appending;
    return lags.sort((a, b) => a - b);
  }

  async close(): Promise<void> {
    this.hints.stop();
    await this.store.close();
    await this.database.destroy();
  }

  private async appendSteadily(
    runs: readonly BenchRun[],
    { eventsPerSecond, until }: { eventsPerSecond: number; until: number },
    onCommit: (one: { slot: number; position: number; committedAt: number }) => void,
  ): Promise<void> {
    const perTick = 10;
    const everyMs = (perTick / eventsPerSecond) * 1_000;
    const inFlight = new Set<Promise<void>>();
    const stop = this.store.onCommitted((events) => {
      const committedAt = performance.now();
      for (const { slot, position } of events) onCommit({ slot, position, committedAt });
    });
    let at = 0;
    for (let due = performance.now(); due < until; due += everyMs) {
      while (performance.now() < due) await new Promise((resolve) => setTimeout(resolve, 1));
      const events = newResults(at, perTick);
      const { stream } = runs[(at / perTick) % runs.length]!;
      at += perTick;
      const append = this.store.append({ stream, events }).then(() => void inFlight.delete(append));
      inFlight.add(append);
    }
    await Promise.all(inFlight);
    stop();
  }

  private async checkpoints(): Promise<Map<number, number>> {
    const rows = await this.database.query<{ slot: number; position: number }[]>(
      `select slot, position::float8 as position from projection_checkpoints
       where projection = 'runs' and version = (
         select number from projection_builds where projection = 'runs' and state = 'live')`,
    );
    return new Map(rows.map(({ slot, position }) => [slot, position]));
  }
}

export const lagQuantiles = (lags: readonly number[]) => ({ p50: quantile(lags, 0.5), p99: quantile(lags, 0.99) });
