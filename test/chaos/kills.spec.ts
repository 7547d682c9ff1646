import { setTimeout as delay } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { afterEach, describe, expect, it } from 'vitest';
import { type Finding, LogVerifier } from '#platform/event-store';
import { KafkaBroker, kafkaClassPath } from '#platform/testing';
import { Product } from '../e2e/support/product.ts';
import { printedSeed, type Random, randomFrom } from '../e2e/support/random.ts';
import { RunUnderWatch } from '../e2e/support/run-under-watch.ts';

/** A few in every run of the tests; `npm run chaos -- --kills 100` for the long form. */
const kills = Number(process.env['CHAOS_KILLS'] ?? 3);
const kafka = kafkaClassPath();
/** Of a round; a busy machine takes ten seconds to start a gateway. */
const roundMs = 60_000;
const patience = { timeout: 120_000 + kills * roundMs };

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** What a round kills, and starts again after it was away for some time. */
type Victim = readonly [name: string, kill: (awayMs: number) => Promise<void>];

describe('nothing is lost, repeated or out of order', () => {
  it('when gateway, projector and PostgreSQL are killed again and again', patience, async () => {
    const product = await start();
    expect(await survive(product, [product.streamUrl], victimsOf(product))).toEqual([]);
  });

  it.skipIf(kafka === undefined)('when brokers of three are, too, with two gateways', patience, async () => {
    const brokers = await KafkaBroker.startCluster(kafka!, 3);
    for (const broker of brokers) stops.push(() => broker.stop());
    const product = await start({ KAFKA_BROKERS: brokers.map(({ address }) => address).join(',') });
    const second = await product.addGateway();
    const ofKafka = brokers.map((broker, index): Victim => [`broker ${index + 1}`, killOf(broker)]);
    expect(await survive(product, [product.streamUrl, second], [...ofKafka, ...victimsOf(product)])).toEqual([]);
  });
});

async function start(env: Record<string, string> = {}): Promise<Product> {
  const product = await Product.start(env);
  stops.push(() => product.stop());
  return product;
}

const victimsOf = (product: Product): Victim[] => [
  ['gateway', killOf(product.gateway)],
  ['projector', killOf(product.projector)],
  ['PostgreSQL', (awayMs) => product.cutPostgres(awayMs)],
];

const killOf =
  (victim: { kill(): Promise<void>; start?(): Promise<void>; startAgain?(): Promise<void> }) =>
  async (awayMs: number): Promise<void> => {
    await victim.kill();
    await delay(awayMs);
    await (victim.start?.() ?? victim.startAgain?.());
  };

/** Rounds of one kill each, every one proven exact. Resolves to what is amiss in the log after them. */
async function survive(
  product: Product,
  streamUrls: readonly string[],
  victims: readonly Victim[],
): Promise<Finding[]> {
  const random = randomFrom(printedSeed('kills'));
  const token = await product.adminKey();
  // Each of them at least once, whatever the dice say, and then at random.
  const first = shuffled(victims, random);
  for (let round = 1; round <= kills; round++) {
    const [name, kill] = first.shift() ?? random.pick(victims);
    const at = { url: product.url, streamUrls, token, projectId: `shop-${round}`, runId: 'build-1' };
    const run = await RunUnderWatch.start({ ...at, tests: 120, senders: 3, watchers: 4, random });
    try {
      const afterMs = random.between(0, 400);
      const awayMs = random.between(0, 800);
      const trouble = delay(afterMs).then(() => kill(awayMs));
      await run.report();
      await trouble;
      await run.expectExact();
      console.log(`kills: ${round} of ${kills}: ${name} after ${afterMs} ms, away for ${awayMs} ms: exact`);
    } finally {
      await run.close();
    }
  }
  return amiss(product);
}

/** What the operator's `verify` finds. */
async function amiss(product: Product): Promise<Finding[]> {
  const dataSource = await new DataSource({ type: 'postgres', url: product.postgres.url }).initialize();
  try {
    return await new LogVerifier(dataSource).verify();
  } finally {
    await dataSource.destroy();
  }
}

function shuffled<T>(values: readonly T[], random: Random): T[] {
  const left = [...values];
  return values.map(() => left.splice(random.between(0, left.length - 1), 1)[0]!);
}
