import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createReporter,
  describeTotals,
  SpillFile,
  type ReportedItem,
  type Reporter,
  type ReporterOptions,
} from '../node.ts';
import { eventually } from '../fixtures/eventually.ts';
import { errorAnswer, ReportServer } from '../fixtures/report-server.ts';

const results = 'POST /v1/projects/shop/runs/1/results';
const item = (n: number): ReportedItem => ({
  kind: 'test.finished',
  at: 1,
  testId: `test ${n}`,
  status: 'passed',
  durationMs: 1,
});
const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);

let server: ReportServer;
let folder: string;
beforeEach(async () => {
  server = await ReportServer.start();
  folder = mkdtempSync(join(tmpdir(), 'reporter-spec-'));
});
afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

function reporterOf(options: Partial<ReporterOptions> = {}): Reporter {
  return createReporter({
    url: server.url,
    token: 'secret',
    projectId: 'shop',
    runId: '1',
    backoff: { baseMs: 10, capMs: 20 },
    openSpill: () => new SpillFile(folder),
    ...options,
  });
}
const storedTests = (): string[] => [...server.stored].map((line) => (JSON.parse(line) as { testId: string }).testId);
const tests = (n: number): string[] => upTo(n).map((each) => `test ${each}`);

describe('a reporter', () => {
  it('sends in the background, in order, and says how many arrived', async () => {
    const reporter = reporterOf();
    for (const n of upTo(250)) reporter.report(item(n));
    await eventually(() => expect(server.requests.length).toBeGreaterThan(0));
    const totals = await reporter.close();
    expect(totals).toMatchObject({ total: 250, sent: 250, rejected: 0, pending: 0 });
    expect(describeTotals(totals)).toBe('sent 250 of 250 events');
    expect(storedTests()).toEqual(tests(250));
    expect(server.requests[0]!.authorization).toBe('Bearer secret');
  });

  it('keeps to the size of a batch in items and bytes', async () => {
    const reporter = reporterOf({ batch: { items: 5000, ms: 60_000 } });
    for (const n of upTo(1200)) reporter.report(item(n));
    const large = 'x'.repeat(60_000);
    for (const n of upTo(20)) reporter.report({ kind: 'output', stream: 'stdout', seq: n, text: large });
    await reporter.close();
    const bodies = server.calls(results).map(({ body }) => body);
    expect(Math.max(...bodies.map((body) => body.split('\n').length))).toBe(500);
    expect(Math.max(...bodies.map((body) => body.length))).toBeLessThanOrEqual(512 * 1024);
    expect(server.stored.size).toBe(1220);
  });

  it('tells the start and the end of its shard, with the results between them', async () => {
    const reporter = reporterOf({ shardId: 's2', rerun: 3, variant: 'firefox', shard: { total: 4 } });
    reporter.report(item(1));
    await reporter.close({ finish: true });
    const kinds = [...server.stored].map((line) => (JSON.parse(line) as { kind: string }).kind);
    expect(kinds).toEqual(['shard.started', 'test.finished', 'shard.finished']);
    expect(server.requests[0]!.query).toEqual({ shard: 's2', rerun: '3', variant: 'firefox' });
    expect(server.calls('POST /v1/projects/shop/runs/1/finish')).toEqual([]);
  });

  it('describes the run first and ends it last', async () => {
    const reporter = reporterOf({ description: { branch: 'main' } });
    reporter.report(item(1));
    await reporter.close({ finish: { status: 'failed' } });
    expect(server.requests.map(({ call, body }) => [call.split('/').at(-1), body.slice(0, 20)])).toEqual([
      ['1', '{"branch":"main"}'],
      ['results', expect.stringContaining('{"kind"')],
      ['finish', '{"status":"failed"}'],
    ]);
  });

  it('loses nothing when answers are lost: what was stored is a duplicate the second time', async () => {
    let cuts = 3;
    server.onRequest = () => (cuts-- > 0 ? 'cut' : undefined);
    const reporter = reporterOf();
    for (const n of upTo(300)) reporter.report(item(n));
    expect(await reporter.close()).toMatchObject({ sent: 300, pending: 0 });
    expect(storedTests()).toEqual(tests(300));
  });

  it('waits out a server that is not well', async () => {
    const answers = [
      errorAnswer(503, 'store.unavailable', true),
      { status: 502, body: 'Bad Gateway' },
      errorAnswer(429, 'rate.exceeded', true),
    ];
    server.onRequest = () => answers.shift();
    const reporter = reporterOf();
    reporter.report(item(1));
    expect(await reporter.close()).toMatchObject({ sent: 1 });
    expect(server.requests).toHaveLength(4);
  });

  it('goes on when the server was stopped half-way and came back', async () => {
    const reporter = reporterOf({ memory: { items: 100 } });
    for (const n of upTo(50)) reporter.report(item(n));
    await eventually(() => expect(reporter.totals.sent).toBe(50));
    const { port } = server;
    await server.stop();
    for (const n of upTo(1000).slice(50)) reporter.report(item(n));
    await eventually(() => expect(readdirSync(folder)).toHaveLength(1));
    const before = storedTests();
    server = await ReportServer.start(port);
    const totals = await reporter.close();
    expect(totals).toMatchObject({ total: 1000, sent: 1000, pending: 0, dropped: 0 });
    expect([...before, ...storedTests()]).toEqual(tests(1000));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('stops when its time is up, and keeps what is left in a file', async () => {
    await server.stop();
    const reporter = reporterOf({ memory: { items: 10 } });
    for (const n of upTo(600)) reporter.report(item(n));
    const totals = await reporter.close({ timeoutMs: 100 });
    expect(totals).toMatchObject({ total: 600, sent: 0, pending: 600 });
    const kept = readFileSync(totals.keptIn!, 'utf8').trimEnd().split('\n');
    expect(kept.map((line) => (JSON.parse(line) as { testId: string }).testId)).toEqual(tests(600));
    expect(describeTotals(totals)).toContain('sent 0 of 600 events (600 not sent in time); what is left is in ');
    expect(await reporter.close()).toBe(totals);
  });

  it('does not wait for a server that takes the request and never answers', async () => {
    server.onRequest = () => 'hang';
    const reporter = reporterOf();
    reporter.report(item(1));
    const totals = await reporter.close({ timeoutMs: 150 });
    expect(totals).toMatchObject({ pending: 1 });
    expect(existsSync(totals.keptIn!)).toBe(true);
  });

  it('where there is no disk drops the oldest and counts them', async () => {
    await server.stop();
    const reporter = reporterOf({ memory: { items: 10 }, openSpill: undefined });
    for (const n of upTo(100)) reporter.report(item(n));
    const totals = await reporter.close({ timeoutMs: 50 });
    expect(totals.dropped + totals.pending).toBe(100);
    expect(totals.dropped).toBeGreaterThanOrEqual(80);
  });

  it('counts what the server rejects, and keeps the others', async () => {
    const problems: string[] = [];
    const reporter = reporterOf({ onProblem: ({ code }) => problems.push(code) });
    reporter.report(item(1));
    reporter.report({ ...item(2), testId: '' } as ReportedItem);
    reporter.report(item(3));
    expect(await reporter.close()).toMatchObject({ total: 3, sent: 2, rejected: 1 });
    expect(problems).toEqual(['item.invalid']);
  });

  it('finds the one item that spoils a whole request', async () => {
    server.onRequest = ({ body }) => (body.includes('test 13') ? errorAnswer(400, 'request.invalid') : undefined);
    const reporter = reporterOf();
    for (const n of upTo(50)) reporter.report(item(n));
    expect(await reporter.close()).toMatchObject({ sent: 49, rejected: 1 });
    expect(storedTests()).not.toContain('test 13');
  });

  it('gives up at once when the token is wrong, and says why', async () => {
    server.onRequest = () => errorAnswer(401, 'auth.invalid');
    const problems: string[] = [];
    const reporter = reporterOf({ onProblem: ({ code }) => problems.push(code) });
    for (const n of upTo(30)) reporter.report(item(n));
    await eventually(() => expect(reporter.totals.refusal?.code).toBe('auth.invalid'));
    reporter.report(item(31));
    const totals = await reporter.close();
    expect(totals).toMatchObject({ total: 31, sent: 0, rejected: 31, pending: 0 });
    expect(describeTotals(totals)).toBe('sent 0 of 31 events (31 rejected): auth.invalid');
    expect(server.requests).toHaveLength(1);
    expect(problems).toEqual(['auth.invalid']);
  });

  it('never throws: not at items that are no JSON, nor after its close, nor for an observer that does', async () => {
    const reporter = reporterOf({
      onProblem: () => {
        throw new Error('observer');
      },
    });
    const circular: Record<string, unknown> = { ...item(1) };
    circular['self'] = circular;
    reporter.report(circular as never);
    expect(await reporter.close()).toMatchObject({ total: 1, rejected: 1 });
    reporter.report(item(2));
    expect(reporter.totals).toMatchObject({ total: 2, rejected: 2 });
  });

  it('sends the beginning and end of texts that are far too long', async () => {
    const reporter = reporterOf();
    const stack = `first ${'x'.repeat(2_000_000)} last`;
    reporter.report({
      kind: 'test.finished',
      testId: 'a',
      status: 'failed',
      durationMs: 1,
      error: { message: 'm', stack },
    });
    expect(await reporter.close()).toMatchObject({ sent: 1 });
    const sent = JSON.parse([...server.stored][0]!) as { error: { stack: string } };
    expect(sent.error.stack).toMatch(/^first x+\n…\nx+ last$/);
    // Above the server's limit, so that the server cuts it too and marks it.
    expect(sent.error.stack.length).toBeGreaterThan(32 * 1024);
    expect(sent.error.stack.length).toBeLessThan(34 * 1024);
  });
});
