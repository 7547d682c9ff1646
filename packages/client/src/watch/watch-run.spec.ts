import type { RoomEvent, RunSummary, TestRow } from '@testcast/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient, watchProject, watchRun, type RunWatch, type TestcastClient } from '../node.ts';
import { eventually } from '../fixtures/eventually.ts';
import { ProtocolServer, refused } from '../fixtures/protocol-server.ts';

const ref = { projectId: 'shop', runId: '1' };
const room = 'run:shop/1';
const testsPath = 'GET /v1/projects/shop/runs/1/tests';
const keyOf = (n: number): string => `key-${String(n).padStart(4, '0')}`;
const finished = (n: number, status = 'passed', attempt = 1) => ({
  type: 'test.finished',
  at: 1,
  data: { testKey: keyOf(n), testId: `test ${n}`, variant: '', shardId: '', rerun: 1, attempt, status, durationMs: 3 },
});
const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);

let server: ProtocolServer;
let client: TestcastClient;
let watch: RunWatch | undefined;

beforeEach(async () => {
  server = await ProtocolServer.start();
  client = createClient({ url: server.url, token: 'secret', backoff: { baseMs: 10, capMs: 20 } });
});
afterEach(async () => {
  watch?.close();
  client.connection.close();
  await server.stop();
});

function observe() {
  const copy = new Map<string, TestRow>();
  const seen = {
    copy,
    summaries: [] as RunSummary[],
    loading: [] as { loaded: number; done: boolean }[],
    offsets: [] as number[],
    states: [] as string[],
    ended: [] as string[],
    resets: 0,
  };
  watch = watchRun(client, ref, {
    rows: (changed) => changed.forEach((row) => copy.set(row.testKey, row)),
    summary: (summary) => seen.summaries.push(summary),
    loading: (progress) => seen.loading.push(progress),
    reset: () => {
      copy.clear();
      seen.resets += 1;
    },
    event: (event: RoomEvent) => seen.offsets.push(event.offset),
    state: ({ name }) => seen.states.push(name),
    ended: ({ code }) => seen.ended.push(code),
  });
  return seen;
}

const rowsOf = ({ copy }: { copy: Map<string, TestRow> }): TestRow[] =>
  [...copy.values()].sort((a, b) => (a.testKey < b.testKey ? -1 : 1));
const settled = (seen: ReturnType<typeof observe>): Promise<void> =>
  eventually(() => expect(rowsOf(seen)).toEqual(server.fold(room)));

/** Pages of three rows, each held until it is let go. */
function holdPages(limit = 3) {
  const waiting: (() => void)[] = [];
  server.routes.set(testsPath, async ({ query }) => {
    const after = query.get('after') ?? '';
    if (after !== '') await new Promise<void>((resolve) => waiting.push(resolve));
    return { status: 200, body: server.page(room, { after, limit }) };
  });
  return waiting;
}

describe('watching a run', () => {
  it('shows the snapshot, then every event after it', async () => {
    server.append(room, ...upTo(5).map((n) => finished(n)));
    const seen = observe();
    await settled(seen);
    expect(seen.loading).toEqual([{ loaded: 5, done: true }]);
    await eventually(() => expect(seen.states.at(-1)).toBe('live'));
    server.append(room, finished(2, 'failed', 2), finished(9));
    await settled(seen);
    expect(seen.offsets).toEqual([6, 7]);
    expect([...watch!.rows.keys()].sort()).toEqual([...seen.copy.keys()].sort());
  });

  it('takes events while pages are still on their way, and pages that know of them already', async () => {
    server.append(room, ...upTo(8).map((n) => finished(n)));
    const waiting = holdPages();
    const seen = observe();
    await eventually(() => expect(seen.copy.size).toBe(3));
    await eventually(() => expect(seen.states.at(-1)).toBe('live'));
    server.append(room, finished(7, 'failed', 2), finished(1, 'failed', 2), finished(20));
    await eventually(() => expect(seen.offsets).toEqual([9, 10, 11]));
    expect(seen.copy.get(keyOf(1))?.outcome).toBe('failed');
    expect(seen.copy.has(keyOf(7))).toBe(false);
    for (let page = 0; page < 2; page++) {
      await eventually(() => expect(waiting.length).toBeGreaterThan(page));
      server.append(room, finished(7, 'passed', 3 + page));
      waiting[page]!();
    }
    await settled(seen);
    expect(seen.loading.at(-1)).toEqual({ loaded: 9, done: true });
  });

  it('goes on through cuts, and sees each event once', async () => {
    server.append(room, finished(1));
    const seen = observe();
    await settled(seen);
    for (const n of upTo(5)) {
      await eventually(() => expect(server.sockets.size).toBe(1));
      server.append(room, finished(n, 'failed', 2));
      server.cut();
      server.append(room, finished(n, 'passed', 3));
    }
    await settled(seen);
    expect(seen.offsets).toEqual(upTo(11).slice(1));
  });

  it('marks what comes after the end of the run as late', async () => {
    server.append(room, finished(1), { type: 'run.finished', data: {} });
    const seen = observe();
    await settled(seen);
    await eventually(() => expect(seen.states.at(-1)).toBe('live'));
    server.append(room, finished(2, 'failed'));
    await settled(seen);
    expect(seen.copy.get(keyOf(2))?.attempts[0]?.late).toBe(true);
  });

  it('is empty until the run begins', async () => {
    const seen = observe();
    await eventually(() => expect(seen.loading).toEqual([{ loaded: 0, done: true }]));
    await eventually(() => expect(seen.states.at(-1)).toBe('live'));
    server.append(room, finished(1));
    await settled(seen);
    expect(seen.offsets).toEqual([1]);
  });

  it('takes a new snapshot when the past of the room has changed', async () => {
    server.append(room, finished(1), finished(2));
    const seen = observe();
    await settled(seen);
    await eventually(() => expect(seen.states.at(-1)).toBe('live'));
    server.epoch = 'store.2';
    server.pushAll({ type: 'reset', room, epoch: 'store.2', reason: 'restored' });
    server.append(room, finished(3));
    await eventually(() => expect(seen.resets).toBe(1));
    await settled(seen);
    server.append(room, finished(4));
    await settled(seen);
  });

  it('takes a new snapshot when the gap is too long to be sent', async () => {
    server.append(room, finished(1));
    server.onMessage = ({ id, type, data }) => {
      if (type !== 'room.subscribe' || (data as { offset?: number }).offset !== 1) return 'default';
      server.append(room, finished(2));
      return {
        id,
        type: 'error',
        error: { code: 'room.unrecoverable', message: '', temporary: false, details: { asOf: 2 } },
      };
    };
    const seen = observe();
    await eventually(() => expect(seen.resets).toBe(1));
    await settled(seen);
  });

  it('asks once more for a page that is older than the first one', async () => {
    server.append(room, ...upTo(5).map((n) => finished(n)));
    let reads = 0;
    server.routes.set(testsPath, ({ query }) => {
      const after = query.get('after') ?? '';
      // A replica that has not seen the last event yet.
      if (after !== '') reads += 1;
      return { status: 200, body: server.page(room, { after, limit: 3, asOf: reads === 1 ? 4 : 5 }) };
    });
    const seen = observe();
    await settled(seen);
    expect(reads).toBe(2);
  });

  it('tries again while the server is not well, and ends when it may not be seen', async () => {
    const answers = [refused(503, 'store.unavailable', true), refused(403, 'auth.forbidden')];
    server.routes.set(testsPath, () => answers.shift()!);
    const seen = observe();
    await eventually(() => expect(seen.ended).toEqual(['auth.forbidden']));
  });

  it('passes on the summary that the server keeps', async () => {
    const seen = observe();
    server.set('run-summary:shop/1', { key: '1', version: 4, value: { status: 'running', version: 4 } });
    await eventually(() => expect(seen.summaries).toEqual([{ status: 'running', version: 4 }]));
  });

  it('may be closed and begun again at once', async () => {
    server.append(room, finished(1));
    observe();
    watch!.close();
    const seen = observe();
    await settled(seen);
    server.append(room, finished(2));
    await settled(seen);
    expect(seen.offsets).toEqual([2]);
  });
});

it('watching a project shows its runs and drops those that leave the window', async () => {
  server.set('project:shop', { key: '1', version: 1, value: { runId: '1', status: 'running' } });
  const removed: string[] = [];
  const project = watchProject(client, 'shop', {
    runs: (_changed, gone) => removed.push(...gone),
    state: () => undefined,
  });
  await eventually(() => expect([...project.runs.keys()]).toEqual(['1']));
  server.set('project:shop', { key: '2', version: 1, value: { runId: '2' } }, { key: '1', version: 2, value: null });
  await eventually(() => expect([...project.runs.keys()]).toEqual(['2']));
  expect(removed).toEqual(['1']);
  project.close();
});
