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
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually, KafkaBroker, kafkaClassPath } from '#platform/testing';
import { Product } from './support/product.ts';
import { type Random, printedSeed, randomFrom } from './support/random.ts';
import { Sender } from './support/sender.ts';
import { Watcher } from './support/watcher.ts';

const run = { projectId: 'shop', runId: 'build-1' };
const path = `/v1/projects/${run.projectId}/runs/${run.runId}`;
const tests = 600;
const kafka = kafkaClassPath();
let product: Product;
let token: string;
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function startProduct(env: Record<string, string> = {}): Promise<void> {
  product = await Product.start(env);
  stops.push(() => product.stop());
  token = await product.adminKey();
}

async function startBroker(classPath: string): Promise<KafkaBroker> {
  const broker = await KafkaBroker.start(classPath);
  stops.push(() => broker.stop());
  return broker;
}

async function call<T>(route: string, init: RequestInit = {}): Promise<T> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await fetch(`${product.url}${route}`, { ...init, headers });
  const body = (await response.json()) as T;
  if (!response.ok) throw new Error(`${route}: ${response.status} ${JSON.stringify(body)}`);
  return body;
}

describe('every watcher is given every event once and in order', () => {
  it('through cut sockets and a killed gateway', async () => {
    await startProduct();
    const { status } = await goTheWholeWay([product.streamUrl], () => restart(product.gateway));
    expect(status).toBe('failed');
  });

  // The broker's JVM starts twice, as a gateway does: on a busy machine that takes longer than everything between.
  const patient = { timeout: 240_000 };
  it.skipIf(kafka === undefined)('at two gateways over Kafka, with its broker killed too', patient, async () => {
    const broker = await startBroker(kafka!);
    await startProduct({ KAFKA_BROKERS: broker.address });
    const { status } = await goTheWholeWay([product.streamUrl, await product.addGateway()], async () => {
      await broker.kill();
      await restart(product.gateway);
      await broker.startAgain();
    });
    expect(status).toBe('failed');
    await eventually(async () => expect(await unpublished()).toBe('0'), { within: 30_000 });
  });
});

/** Events of the log that the relay has not brought to Kafka. */
async function unpublished(): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: product.postgres.url });
  await client.connect();
  try {
    const lag = 'select sum(position - published)::text as lag from slots join relay_slots using (slot)';
    return (await client.query<{ lag: string }>(lag)).rows[0]?.lag;
  } finally {
    await client.end();
  }
}

async function restart(gateway: Product['gateway']): Promise<void> {
  await gateway.kill('SIGKILL');
  await gateway.start();
}

/**
 * Four senders at the first gateway and twenty watchers at all of them, whose sockets are cut again and again.
 * @param trouble happens once, when a third of the tests has come through
 */
async function goTheWholeWay(streamUrls: readonly string[], trouble: () => Promise<void>): Promise<RunSummary> {
  const random = randomFrom(printedSeed('whole way'));
  await call('/v1/projects', { method: 'POST', body: JSON.stringify({ projectId: run.projectId }) });
  await call(path, { method: 'PUT', body: JSON.stringify({ name: 'Build 1', expectedTests: tests }) });

  const watchers = Array.from(
    { length: 20 },
    (_, index) => new Watcher(streamUrls[index % streamUrls.length]!, token, `run:${run.projectId}/${run.runId}`),
  );
  const following = watchers.map((watcher) => watcher.follow());
  const senders = Array.from({ length: 4 }, () => new Sender(product.streamUrl, token, run));
  const sent = new AbortController();
  const cutting = (async () => {
    while (!sent.signal.aborted) {
      await delay(random.between(10, 60));
      random.pick(watchers).cut();
    }
  })();
  const killing = (async () => {
    await eventually(() => expect(watchers[0]!.offset).toBeGreaterThan(tests / 3), { within: 60_000 });
    await trouble();
  })();

  await Promise.all(senders.map((sender, index) => post(sender, index, senders.length, random)));
  await killing;
  sent.abort();
  await cutting;
  await call(`${path}/finish`, { method: 'POST', body: '{}' });

  const acknowledged = senders.flatMap((sender) => sender.acknowledged);
  expect(senders.flatMap((sender) => sender.rejected)).toEqual([]);
  expect(acknowledged).toHaveLength(tests * 2);
  const last = await eventually(
    async () => {
      const summary = await call<RunSummary>(path);
      expect(summary.status).not.toBe('running');
      return summary;
    },
    { within: 30_000 },
  );

  await eventually(() => expect(watchers.map(({ offset }) => offset)).toEqual(watchers.map(() => last.version)), {
    within: 30_000,
  });
  for (const watcher of watchers) watcher.stop();
  await Promise.all(following);
  for (const sender of senders) sender.close();

  const log = watchers[0]!.events;
  for (const watcher of watchers) {
    expect(watcher.complaints).toEqual([]);
    expect(watcher.events).toEqual(log);
  }
  expect(log.map(({ offset }) => offset)).toEqual(Array.from({ length: log.length }, (_, index) => index + 1));
  expect(watchers.reduce((sum, { reconnects }) => sum + reconnects, 0)).toBeGreaterThan(watchers.length);
  for (const { item, offset } of acknowledged) {
    expect(log[offset - 1]).toMatchObject({ type: item.kind, data: { testId: (item as { testId: string }).testId } });
  }

  const folded = foldOf(log as unknown as TestEvent[]);
  const stored = await allTests();
  expect(stored.asOf).toBe(log.length);
  expect(stored.rows).toEqual(folded);
  expect(last.counts).toEqual(countsOf(folded));
  return last;
}

async function post(sender: Sender, index: number, of: number, random: Random): Promise<void> {
  const mine = Array.from({ length: tests }, (_, n) => n).filter((n) => n % of === index);
  while (mine.length > 0) {
    const some = mine.splice(0, random.between(1, 12));
    await sender.send(some.flatMap((n) => itemsOf(n)));
    await delay(random.between(0, 15));
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
  return [...rows.values()].sort((a, b) => (a.testKey < b.testKey ? -1 : 1));
}

function countsOf(rows: readonly TestRow[]): RunSummary['counts'] {
  const counts = { tests: rows.length, passed: 0, failed: 0, flaky: 0, skipped: 0, pending: 0, attempts: 0 };
  for (const { outcome, attempts } of rows) {
    counts[outcome] += 1;
    counts.attempts += attempts.length;
  }
  return counts;
}

async function allTests(): Promise<{ asOf: number; rows: TestRow[] }> {
  const rows: TestRow[] = [];
  let after = '';
  for (;;) {
    const page = await call<TestsPage>(`${path}/tests?limit=250${after}`);
    rows.push(...page.items);
    if (page.next === null) return { asOf: page.asOf, rows };
    after = `&after=${encodeURIComponent(page.next)}`;
  }
}
