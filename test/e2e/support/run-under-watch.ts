import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type ResultItemInput,
  type RunSummary,
  type TestEvent,
  type TestRow,
  type TestsPage,
  foldTest,
  isTestEvent,
} from '@testcast/contracts';
import { eventually } from '#platform/testing';
import type { Random } from './random.ts';
import { Sender } from './sender.ts';
import { Watcher } from './watcher.ts';

export interface RunUnderWatchOptions {
  /** Where HTTP calls go. */
  readonly url: string;
  /** Watchers are spread over these; senders are at the first. */
  readonly streamUrls: readonly string[];
  readonly token: string;
  readonly projectId: string;
  readonly runId: string;
  readonly tests: number;
  readonly senders: number;
  readonly watchers: number;
  readonly random: Random;
}

/** A run that several report to and several watch, through whatever happens meanwhile; and the proof that nothing is amiss. */
export class RunUnderWatch {
  readonly watchers: readonly Watcher[];
  private readonly senders: readonly Sender[];
  private readonly following: readonly Promise<void>[];
  private readonly path: string;

  private constructor(private readonly options: RunUnderWatchOptions) {
    const { streamUrls, token, projectId, runId } = options;
    this.path = `/v1/projects/${projectId}/runs/${runId}`;
    this.watchers = Array.from(
      { length: options.watchers },
      (_, index) => new Watcher(streamUrls[index % streamUrls.length]!, token, `run:${projectId}/${runId}`),
    );
    this.senders = Array.from(
      { length: options.senders },
      () => new Sender(streamUrls[0]!, token, { projectId, runId }),
    );
    this.following = this.watchers.map((watcher) => watcher.follow());
  }

  /** Starts the run and lets everybody watch it. */
  static async start(options: RunUnderWatchOptions): Promise<RunUnderWatch> {
    const run = new RunUnderWatch(options);
    await run.call('/v1/projects', { method: 'POST', body: JSON.stringify({ projectId: options.projectId }) });
    const description = { name: options.runId, expectedTests: options.tests };
    await run.call(run.path, { method: 'PUT', body: JSON.stringify(description) });
    return run;
  }

  /** Resolves when every result is acknowledged. */
  async report(): Promise<void> {
    await Promise.all(this.senders.map((sender, index) => this.post(sender, index)));
  }

  /** Ends the run and waits until everybody has seen it. Resolves to the run as it ended; throws what is amiss. */
  async expectExact(): Promise<RunSummary> {
    const { watchers, senders, options } = this;
    await this.call(`${this.path}/finish`, { method: 'POST', body: '{}' });
    const acknowledged = senders.flatMap((sender) => sender.acknowledged);
    assert.deepEqual(
      senders.flatMap((sender) => sender.rejected),
      [],
    );
    assert.equal(acknowledged.length, options.tests * 2);
    const last = await eventually(
      async () => {
        const summary = await this.call<RunSummary>(this.path);
        assert.notEqual(summary.status, 'running');
        return summary;
      },
      { within: 30_000 },
    );
    const atTheEnd = () =>
      assert.deepEqual(
        watchers.map(({ offset }) => offset),
        watchers.map(() => last.version),
      );
    await eventually(atTheEnd, { within: 30_000 });
    await this.close();

    const log = watchers[0]!.events;
    for (const watcher of watchers) {
      assert.deepEqual(watcher.complaints, []);
      assert.deepEqual(watcher.events, log);
    }
    assert.deepEqual(
      log.map(({ offset }) => offset),
      Array.from(log, (_, index) => index + 1),
    );
    for (const { item, offset } of acknowledged) {
      const { type, data } = log[offset - 1] as unknown as TestEvent;
      assert.deepEqual([type, data.testId], [item.kind, (item as { testId: string }).testId]);
    }
    const folded = foldOf(log as unknown as TestEvent[]);
    // The end is told by the log at once, also while the projector is still behind.
    const stored = await eventually(
      async () => {
        const { asOf, rows } = await this.allTests();
        assert.equal(asOf, log.length);
        return rows;
      },
      { within: 30_000, every: 100 },
    );
    assert.deepEqual(stored, folded);
    const settled = await this.call<RunSummary>(this.path);
    assert.deepEqual(settled.counts, countsOf(folded));
    return settled;
  }

  /** Lets go of every socket, also when the proof has failed. */
  async close(): Promise<void> {
    for (const watcher of this.watchers) watcher.stop();
    await Promise.all(this.following);
    for (const sender of this.senders) sender.close();
  }

  private async post(sender: Sender, index: number): Promise<void> {
    const { random, tests } = this.options;
    const mine = Array.from({ length: tests }, (_, n) => n).filter((n) => n % this.senders.length === index);
    while (mine.length > 0) {
      await sender.send(mine.splice(0, random.between(1, 12)).flatMap(itemsOf));
      await delay(random.between(0, 15));
    }
  }

  private async allTests(): Promise<{ asOf: number; rows: TestRow[] }> {
    const rows: TestRow[] = [];
    for (let after = ''; ;) {
      const page = await this.call<TestsPage>(`${this.path}/tests?limit=250${after}`);
      rows.push(...page.items);
      if (page.next === null) return { asOf: page.asOf, rows };
      after = `&after=${encodeURIComponent(page.next)}`;
    }
  }

  /** Again while the server is away or says that it is temporary: what is asked here is harmless to repeat. */
  private call<T>(route: string, init: RequestInit = {}): Promise<T> {
    const headers = { authorization: `Bearer ${this.options.token}`, 'content-type': 'application/json' };
    return eventually(
      async () => {
        const response = await fetch(`${this.options.url}${route}`, { ...init, headers });
        const body = (await response.json()) as T;
        if (!response.ok) throw new Error(`${route}: ${response.status} ${JSON.stringify(body)}`);
        return body;
      },
      { within: 30_000, every: 100 },
    );
  }
}

function itemsOf(n: number): ResultItemInput[] {
  const test = { testId: `spec-${n % 40}.ts::case ${n}`, at: 1_700_000_000_000 + n, attempt: 1 };
  const failed = n % 50 === 7;
  return [
    { kind: 'test.started', ...test },
    {
      kind: 'test.finished',
      ...test,
      status: failed ? 'failed' : 'passed',
      durationMs: n,
      ...(failed ? { error: { message: `case ${n} broke`, stack: 'at somewhere' } } : {}),
    },
  ];
}

function foldOf(log: readonly TestEvent[]): TestRow[] {
  const rows = new Map<string, TestRow>();
  for (const event of log) {
    if (isTestEvent(event)) rows.set(event.data.testKey, foldTest(rows.get(event.data.testKey), event));
  }
  const sorted = [...rows.values()].sort((a, b) => (a.testKey < b.testKey ? -1 : 1));
  // As it would come over the wire: without what is undefined.
  return JSON.parse(JSON.stringify(sorted)) as TestRow[];
}

function countsOf(rows: readonly TestRow[]): RunSummary['counts'] {
  const counts = { tests: rows.length, passed: 0, failed: 0, flaky: 0, skipped: 0, pending: 0, attempts: 0 };
  for (const { outcome, attempts } of rows) {
    counts[outcome] += 1;
    counts.attempts += attempts.length;
  }
  return counts;
}
