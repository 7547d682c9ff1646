import { setTimeout as delay } from 'node:timers/promises';
import type { RunSummary } from '@testcast/contracts';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually, KafkaBroker, kafkaClassPath } from '#platform/testing';
import { Product } from './support/product.ts';
import { printedSeed, randomFrom } from './support/random.ts';
import { RunUnderWatch } from './support/run-under-watch.ts';

const tests = 600;
const kafka = kafkaClassPath();
let product: Product;
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function startProduct(env: Record<string, string> = {}): Promise<void> {
  product = await Product.start(env);
  stops.push(() => product.stop());
}

async function startBroker(classPath: string): Promise<KafkaBroker> {
  const broker = await KafkaBroker.start(classPath);
  stops.push(() => broker.stop());
  return broker;
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
  const people = { senders: 4, watchers: 20 };
  const at = { url: product.url, streamUrls, token: await product.adminKey() };
  const run = await RunUnderWatch.start({ ...at, ...people, projectId: 'shop', runId: 'build-1', tests, random });
  const { watchers } = run;
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
  await run.report();
  await killing;
  sent.abort();
  await cutting;
  const last = await run.expectExact();
  expect(watchers.reduce((sum, { reconnects }) => sum + reconnects, 0)).toBeGreaterThan(watchers.length);
  return last;
}
