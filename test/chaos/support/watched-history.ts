import assert from 'node:assert/strict';
import { createClient, type RunWatch, type TestcastClient, watchRun } from '@testcast/client/node';
import {
  foldTest,
  isTestEvent,
  type ResultItemInput,
  type RunSummary,
  type TestEvent,
  type TestRow,
  type TestsPage,
} from '@testcast/contracts';
import type { StreamPage } from '#platform/event-store';
import { eventually } from '#platform/testing';
import { Sender } from '../../e2e/support/sender.ts';

interface Place {
  readonly url: string;
  readonly streamUrl: string;
  readonly token: string;
}

/** A run that is reported to and watched with the client that everybody uses, over a change of the log's history. */
export class WatchedHistory {
  resets = 0;
  private readonly client: TestcastClient;
  private readonly sender: Sender;
  private readonly watch: RunWatch;

  constructor(
    private readonly place: Place,
    private readonly projectId: string,
    readonly runId: string,
  ) {
    const { url, streamUrl, token } = place;
    this.client = createClient({ url, streamUrl, token, backoff: { baseMs: 50, capMs: 500 } });
    this.sender = new Sender(streamUrl, token, { projectId, runId });
    this.watch = watchRun(
      this.client,
      { projectId, runId },
      {
        rows: () => undefined,
        summary: () => undefined,
        loading: () => undefined,
        reset: () => (this.resets += 1),
        state: () => undefined,
      },
    );
  }

  /** Reports tests n to m - 1; resolves when every one is acknowledged. */
  async report(from: number, to: number): Promise<void> {
    for (let n = from; n < to; n += 10) {
      const batch = Array.from({ length: Math.min(10, to - n) }, (_, index) => n + index);
      await this.sender.send(batch.flatMap(itemsOf));
    }
  }

  /** Rejected by anybody: nothing of what was reported may be. */
  get rejected(): readonly unknown[] {
    return this.sender.rejected;
  }

  async finish(): Promise<void> {
    await this.call(`/finish`, { method: 'POST', body: '{}' });
  }

  async page(): Promise<TestsPage> {
    return this.call<TestsPage>('/tests?limit=250');
  }

  async summary(): Promise<RunSummary> {
    return this.call<RunSummary>('');
  }

  /** The HTTP status that the run answers with. */
  async status(): Promise<number> {
    return (await this.fetch('')).status;
  }

  /** Whoever watches has the rows of so many tests. */
  async expectWatched(tests: number): Promise<void> {
    await eventually(() => assert.equal(this.watch.rows.size, tests), { within: 30_000 });
  }

  /** Log, read model and watcher say the same. @param log the run's stream, whole */
  async expectOneTruth(log: StreamPage): Promise<void> {
    const rows = new Map<string, TestRow>();
    for (const { version: offset, type, at, dataJson } of log.events) {
      const event = { offset, type, at, data: JSON.parse(dataJson) } as unknown as TestEvent;
      if (isTestEvent(event)) rows.set(event.data.testKey, foldTest(rows.get(event.data.testKey), event));
    }
    const folded = [...rows.values()].sort(byKey);
    await eventually(
      async () => {
        const page = await this.page();
        assert.equal(page.asOf, log.version);
        assert.equal(page.epoch, log.epoch);
        assert.deepEqual([...page.items].sort(byKey), folded);
        assert.deepEqual([...this.watch.rows.values()].sort(byKey), folded);
      },
      { within: 30_000, every: 100 },
    );
    assert.equal((await this.summary()).counts.tests, folded.length);
  }

  close(): void {
    this.watch.close();
    this.client.connection.close();
    this.sender.close();
  }

  private fetch(route: string, init: RequestInit = {}): Promise<Response> {
    const { url, token } = this.place;
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    return fetch(`${url}/v1/projects/${this.projectId}/runs/${this.runId}${route}`, { ...init, headers });
  }

  /** Again while the server is away: what is asked here is harmless to repeat. */
  private call<T>(route: string, init?: RequestInit): Promise<T> {
    return eventually(
      async () => {
        const response = await this.fetch(route, init);
        const body = (await response.json()) as T;
        if (!response.ok) throw new Error(`${route}: ${response.status} ${JSON.stringify(body)}`);
        return body;
      },
      { within: 30_000, every: 100 },
    );
  }
}

const byKey = (a: TestRow, b: TestRow): number => (a.testKey < b.testKey ? -1 : 1);

function itemsOf(n: number): ResultItemInput[] {
  const test = { testId: `spec-${n % 7}.ts::case ${n}`, at: 1_700_000_000_000 + n, attempt: 1 };
  return [
    { kind: 'test.started', ...test },
    { kind: 'test.finished', ...test, status: n % 9 === 4 ? 'failed' : 'passed', durationMs: n },
  ];
}
