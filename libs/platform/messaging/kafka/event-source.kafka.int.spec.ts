import { describe, expect, it } from 'vitest';
import type { RecordedEvent } from '#platform/event-store';
import { eventually } from '#platform/testing';
import { ensureTopic } from './events-topic.ts';
import {
  afterTest,
  allPublished,
  append,
  isKafkaMissing,
  newTestLog,
  startRelay,
  streamsOf,
  upTo,
  useKafka,
} from './fixtures/log-over-kafka.ts';
import { type Recorder, startSource } from './fixtures/recorder.ts';
import { kafkaClient } from './kafka-client.ts';
import { topicOf } from './kafka-options.ts';

useKafka();

describe.skipIf(isKafkaMissing)('events over Kafka', { timeout: 90_000 }, () => {
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

  it('go on after the database has ended every connection', async () => {
    const test = await newTestLog();
    const recorder = await startSource(test.kafka);
    await startRelay(test);
    const [stream] = streamsOf(1) as [string];
    await append(test.log, [stream], 3);
    await allPublished(test);
    await test.dataSource.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
    );
    await append(test.log, [stream], 3);
    await eventually(() => expect(recorder.versionsOf(stream)).toEqual(upTo(12)), { within: 20_000 });
  });

  it('are not published into a topic that has too few partitions', async () => {
    const { kafka } = await newTestLog();
    const admin = kafkaClient(kafka, { retries: 5 }).admin();
    await admin.connect();
    afterTest(() => admin.disconnect());
    await admin.createTopics({ topics: [{ topic: topicOf(kafka), numPartitions: 3 }] });
    await expect(ensureTopic(admin, kafka)).rejects.toThrow('has 3 partitions, and must have 32');
  });
});

function messageless({ slot, position, stream, version, eventId, type, at, recordedAt, dataJson }: RecordedEvent) {
  return { slot, position, stream, version, eventId, type, at, recordedAt, dataJson };
}
