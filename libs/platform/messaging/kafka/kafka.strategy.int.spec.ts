import { Partitioners } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import type { RecordedEvent } from '#platform/event-store';
import { Readiness } from '#platform/observability';
import { eventually } from '#platform/testing';
import { PostgresCheckpointStore } from '../engine/checkpoint-store.postgres.ts';
import { newTestMetrics } from '../engine/fixtures/test-engine.ts';
import { ProjectionEngine } from '../engine/projection-engine.ts';
import {
  afterTest,
  allPublished,
  append,
  broker,
  isKafkaMissing,
  newTestLog,
  startRelay,
  streamsOf,
  type TestLog,
  upTo,
  useKafka,
} from './fixtures/log-over-kafka.ts';
import { projectionsRead, startSource } from './fixtures/recorder.ts';
import { kafkaClient } from './kafka-client.ts';
import { topicOf } from './kafka-options.ts';
import { KafkaStrategy } from './kafka.strategy.ts';
import { messageOf } from './published-event.ts';

useKafka();

/** A projection that counts its batches' events in the transaction of its checkpoints. */
async function startCounting({ dataSource, log, kafka }: TestLog) {
  await dataSource.query('create table if not exists seen (stream text, version int)');
  const engine = new ProjectionEngine(log, new PostgresCheckpointStore(dataSource, log), newTestMetrics(), {
    now: () => Date.now(),
  });
  const strategy = new KafkaStrategy(kafka, log, engine, new Readiness());
  strategy.addHandler(
    'counting',
    async (
      batch: readonly RecordedEvent[],
      { tx }: { tx: { query(sql: string, values: unknown[]): Promise<void> } },
    ) => {
      const values = [batch.map(({ stream }) => stream), batch.map(({ version }) => version)];
      await tx.query('insert into seen select * from unnest($1::text[], $2::int[])', values);
    },
    true,
    { projection: { name: 'counting', version: 1, events: ['test.finished'] } },
  );
  await strategy.listen((error) => expect(error).toBeUndefined());
  afterTest(() => strategy.close());
}

async function seen({ dataSource }: TestLog, stream: string): Promise<number[]> {
  const rows = await dataSource.query<{ version: number }[]>('select version from seen where stream = $1', [stream]);
  return rows.map(({ version }) => version).sort((a, b) => a - b);
}

describe.skipIf(isKafkaMissing)('events over Kafka, to projections', { timeout: 90_000 }, () => {
  it('are applied once by the projections, also those that Kafka never got, repeats, or has of another epoch', async () => {
    const test = await newTestLog();
    const [before, stream] = streamsOf(2) as [string, string];
    await append(test.log, [before], 3);
    await startCounting(test);
    await eventually(async () => expect(await seen(test, before)).toEqual(upTo(6)), { within: 20_000 });
    // No relay has run: only the comparison with the heads can bring these.
    await append(test.log, [stream], 3);
    await eventually(async () => expect(await seen(test, stream)).toEqual(upTo(6)), { within: 20_000 });

    await startRelay(test);
    await allPublished(test);
    await projectionsRead(test.kafka);
    const { events } = await test.log.readStream(stream, 0);
    const ahead = events.map((event) => ({ ...event, position: event.position + 6, version: event.version + 1000 }));
    const producer = kafkaClient(test.kafka, { retries: 5 }).producer({
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    await producer.send({
      topic: topicOf(test.kafka),
      messages: [
        ...ahead.map((event) => messageOf(event, 'another.1')),
        { partition: 0, value: 'not ours' },
        ...events.map((event) => messageOf(event, 'another.1')),
      ],
    });
    await producer.disconnect();
    await append(test.log, [stream], 5);
    await eventually(async () => expect(await seen(test, stream)).toEqual(upTo(16)), { within: 20_000 });
    const { positions } = await test.log.heads();
    await eventually(async () => {
      const rows = await test.dataSource.query<{ position: number }[]>(
        `select position::int as position from projection_checkpoints where projection = 'counting' order by slot`,
      );
      expect(rows.map(({ position }) => position)).toEqual(positions);
    });
  });

  it('come late but whole while the broker is killed and started again', async () => {
    const test = await newTestLog();
    const recorder = await startSource(test.kafka);
    await startRelay(test);
    await startCounting(test);
    const streams = streamsOf(10);
    await append(test.log, streams, 10);
    const pokes = recorder.pokes;
    await broker.kill();
    // The log takes events without a broker, and projections read them from there.
    await append(test.log, streams, 10);
    for (const stream of streams) {
      await eventually(async () => expect(await seen(test, stream)).toEqual(upTo(40)), { within: 30_000 });
    }
    await broker.startAgain();
    await append(test.log, streams, 10);
    await allPublished(test);
    for (const stream of streams) {
      await eventually(async () => expect(await seen(test, stream)).toEqual(upTo(60)), { within: 30_000 });
    }
    // Rooms compare with the heads for what came while they were away; what comes now is in the broker's own order.
    await eventually(() => expect(recorder.pokes).toBeGreaterThan(pokes), { within: 30_000 });
    await eventually(
      async () => {
        await append(test.log, streams);
        for (const stream of streams) expect(recorder.versionsOf(stream).at(-1)).toBeGreaterThan(60);
      },
      { within: 30_000, every: 200 },
    );
    for (const stream of streams) {
      const versions = recorder.versionsOf(stream);
      expect(versions).toEqual([...versions].sort((a, b) => a - b));
    }
  });
});
