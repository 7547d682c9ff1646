import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { Partitioners } from 'kafkajs';
import { Gauge, Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectionOptions } from '#platform/database';
import { PostgresEventStore, type RecordedEvent } from '#platform/event-store';
import { Readiness } from '#platform/observability';
import { anyEvent, anyStream, createDatabase, eventually, KafkaBroker, kafkaClassPath } from '#platform/testing';
import { PostgresCheckpointStore } from '../engine/checkpoint-store.postgres.ts';
import { ProjectionEngine } from '../engine/projection-engine.ts';
import { newTestMetrics } from '../engine/fixtures/test-engine.ts';
import { CommitHint } from '../hints/commit-hint.ts';
import { type EventSink, KafkaEventSource } from './event-source.kafka.ts';
import { ensureTopic } from './events-topic.ts';
import { kafkaClient } from './kafka-client.ts';
import { type KafkaOptions, topicOf, topicPartitions } from './kafka-options.ts';
import { KafkaStrategy } from './kafka.strategy.ts';
import { messageOf } from './published-event.ts';
import { Publisher } from './publisher.ts';
import { Relay } from './relay.ts';

Logger.overrideLogger(false);
const classPath = kafkaClassPath();
let broker: KafkaBroker;
let url: string;
const stops: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  if (classPath === undefined) return;
  broker = await KafkaBroker.start(classPath);
}, 120_000);
afterAll(() => broker?.stop());
afterEach(async () => {
  // The last first: what relays and reads before the database that it needs.
  for (const stop of stops.splice(0).reverse()) await stop();
});

class NoHint extends CommitHint {
  async start(): Promise<void> {}
  async stop(): Promise<void> {}
}

/** A log of its own, on a topic of its own. */
async function newTestLog() {
  url = await createDatabase();
  const dataSource = await new DataSource(connectionOptions({ url })).initialize();
  const log = new PostgresEventStore(dataSource);
  stops.push(async () => {
    await log.close();
    await dataSource.destroy();
  });
  const kafka: KafkaOptions = { brokers: [broker.address], clientId: 'test', topic: `events.${randomUUID()}` };
  return { dataSource, log, kafka };
}
type TestLog = Awaited<ReturnType<typeof newTestLog>>;

async function startRelay({ dataSource, log, kafka }: TestLog) {
  const lag = new Gauge({ name: 'lag', help: 'lag', labelNames: ['partition'], registers: [new Registry()] });
  const relay = new Relay(kafka, { store: log, dataSource, hint: new NoHint(), lag });
  await relay.onApplicationBootstrap();
  const stop = () => relay.onModuleDestroy();
  stops.push(stop);
  return { stop, lag };
}

async function published({ dataSource }: TestLog): Promise<number[]> {
  const rows = await dataSource.query<{ published: number }[]>(
    'select published::int as published from relay_slots order by slot',
  );
  return rows.map((row) => row.published);
}

const allPublished = async (of: TestLog): Promise<void> => {
  await eventually(async () => expect(await published(of)).toEqual((await of.log.heads()).positions), {
    within: 30_000,
  });
};

async function append(log: PostgresEventStore, streams: readonly string[], rounds = 1): Promise<void> {
  for (let round = 0; round < rounds; round++)
    await Promise.all(streams.map((stream) => log.append({ stream, events: [anyEvent(), anyEvent()] })));
}

const streamsOf = (count: number): string[] => Array.from({ length: count }, () => anyStream());

const probe = 'probe.1';

/** Keeps what it is given, the epoch included. */
class Recorder implements EventSink {
  readonly events: { epoch: string; event: RecordedEvent }[] = [];
  pokes = 0;
  readonly probed = new Set<number>();
  acceptOf(epoch: string, events: readonly RecordedEvent[]): void {
    if (epoch === probe) for (const { slot } of events) this.probed.add(slot);
    else this.events.push(...events.map((event) => ({ epoch, event })));
  }
  poke(): void {
    this.pokes += 1;
  }
  /** Without repeats, which a relay that has to begin anew is free to make. */
  versionsOf(stream: string): number[] {
    return [...new Set(this.events.filter(({ event }) => event.stream === stream).map(({ event }) => event.version))];
  }
}

/** Resolves when it has begun to read every partition: it begins with what comes next, whenever that is. */
async function startSource(kafka: KafkaOptions): Promise<Recorder> {
  const recorder = new Recorder();
  const source = new KafkaEventSource(kafka, recorder);
  source.start();
  stops.push(() => source.stop());
  await probeUntil(kafka, () => expect(recorder.probed.size).toBe(topicPartitions));
  return recorder;
}

/** Sends a record of no log into each partition, again and again until the assertion holds. */
async function probeUntil(kafka: KafkaOptions, assertion: () => void | Promise<void>): Promise<void> {
  const publisher = new Publisher(kafka);
  await publisher.open();
  const probes = Array.from({ length: topicPartitions }, (_, slot) => probeOf(slot));
  await eventually(
    async () => {
      await publisher.send(probes, probe);
      await assertion();
    },
    { within: 20_000, every: 100 },
  );
  await publisher.close();
}

/** Resolves when the projections have begun to read every partition, which their committed offsets tell. */
async function projectionsRead(kafka: KafkaOptions): Promise<void> {
  const admin = kafkaClient(kafka, { retries: 5 }).admin();
  await admin.connect();
  await probeUntil(kafka, async () => {
    const [topic] = await admin.fetchOffsets({ groupId: 'testcast-projector', topics: [topicOf(kafka)] });
    expect(topic!.partitions.filter(({ offset }) => Number(offset) > 0)).toHaveLength(topicPartitions);
  });
  await admin.disconnect();
}

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
  stops.push(() => strategy.close());
}

async function seen({ dataSource }: TestLog, stream: string): Promise<number[]> {
  const rows = await dataSource.query<{ version: number }[]>('select version from seen where stream = $1', [stream]);
  return rows.map(({ version }) => version).sort((a, b) => a - b);
}

function probeOf(slot: number): RecordedEvent {
  const [stream, eventId, type, dataJson] = ['probe', randomUUID(), 'probe', '{}'];
  return { slot, position: 1, stream, version: 1, eventId, type, at: 0, recordedAt: 0, dataJson };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe.skipIf(classPath === undefined)('events over Kafka', { timeout: 90_000 }, () => {
  it('come to every process that reads, in order within a stream, with what was appended before the relay', async () => {
    const test = await newTestLog();
    const streams = streamsOf(40);
    const [one, other] = [await startSource(test.kafka), await startSource(test.kafka)];
    await append(test.log, streams, 5);
    const { lag } = await startRelay(test);
    await append(test.log, streams, 5);
    for (const recorder of [one, other]) {
      for (const stream of streams) {
        await eventually(() => expect(recorder.versionsOf(stream)).toEqual(upTo(20)), { within: 20_000 });
      }
    }
    const [{ epoch, event }] = one.events as [Recorder['events'][number]];
    expect(epoch).toBe((await test.log.heads()).epoch);
    const { events } = await test.log.readStream(event.stream, event.version - 1, { limit: 1 });
    expect({ ...events[0] }).toEqual({ ...messageless(event) });
    await allPublished(test);
    const values = (await lag.get()).values;
    expect(values).toHaveLength(32);
    expect(values.every(({ value }) => value === 0)).toBe(true);
  });

  it('are published by one of two relays, and by the other when the first goes', async () => {
    const test = await newTestLog();
    const recorder = await startSource(test.kafka);
    const first = await startRelay(test);
    const [stream] = streamsOf(1) as [string];
    await append(test.log, [stream], 10);
    await allPublished(test);
    await startRelay(test);
    await append(test.log, [stream], 10);
    await allPublished(test);
    await first.stop();
    await append(test.log, [stream], 10);
    await eventually(() => expect(recorder.versionsOf(stream)).toEqual(upTo(60)), { within: 20_000 });
  });

  it('go on after the database has ended the session that holds the lease', async () => {
    const test = await newTestLog();
    const recorder = await startSource(test.kafka);
    await startRelay(test);
    const [stream] = streamsOf(1) as [string];
    await append(test.log, [stream], 3);
    await allPublished(test);
    const ended = await test.dataSource.query<unknown[]>(
      `select pg_terminate_backend(pid) from pg_locks
       where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
    );
    expect(ended).toHaveLength(1);
    await append(test.log, [stream], 3);
    await eventually(() => expect(recorder.versionsOf(stream)).toEqual(upTo(12)), { within: 20_000 });
  });

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

  it('are not published into a topic that has too few partitions', async () => {
    const { kafka } = await newTestLog();
    const admin = kafkaClient(kafka, { retries: 5 }).admin();
    await admin.connect();
    stops.push(() => admin.disconnect());
    await admin.createTopics({ topics: [{ topic: topicOf(kafka), numPartitions: 3 }] });
    await expect(ensureTopic(admin, kafka)).rejects.toThrow('has 3 partitions, and must have 32');
  });
});

function messageless({ slot, position, stream, version, eventId, type, at, recordedAt, dataJson }: RecordedEvent) {
  return { slot, position, stream, version, eventId, type, at, recordedAt, dataJson };
}
