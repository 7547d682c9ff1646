import { Logger } from '@nestjs/common';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { backoffMs } from '../engine/backoff.ts';
import { Signal } from '../engine/signal.ts';
import { kafkaClient } from './kafka-client.ts';
import { type KafkaOptions, topicOf } from './kafka-options.ts';
import { type PublishedEvent, publishedEventOf } from './published-event.ts';

const sessionMs = 10_000;
const heartbeatMs = 1_000;
/** Between two commits of offsets. kafkajs' own commits come after every partition's batch, and each waits for the broker. */
const commitEveryMs = 1_000;
/** Longest that an empty fetch waits at the broker: how long a stop takes, and how late a heartbeat may be. */
const fetchWaitMs = 100;
/**
 * A broker that is away is tried for minutes before kafkajs gives up, and then anew: a consumer that is made anew is a new
 * member of its group, and waits until the session of the old one is over.
 */
const retries = 200;
/** A stop does not wait longer for a broker that is away. */
const stopWithinMs = 3_000;

export interface TopicReaderOptions {
  /** Asked for each consumer that is made. */
  readonly groupId: () => string;
  /** Whether the group's offsets are kept, so that its next member begins there. Without, it begins with what comes next. */
  readonly commits: boolean;
  /** Events in order within a partition; the next ones of that partition come when it resolves. Must not throw. */
  readonly onEvents: (events: readonly PublishedEvent[]) => void | Promise<void>;
  /** It reads now, or again, after a time in which it may have missed something. */
  readonly onResume?: (() => void) | undefined;
}

/** Reads the topic as a member of a group, again and again from the beginning of what can fail. Starts without a broker, too. */
export class TopicReader {
  private readonly logger = new Logger('Kafka');
  private readonly kafka: Kafka;
  private readonly topic: string;
  private readonly ended = new Signal();
  private readonly offsets = new Map<number, string>();
  private partitions: ReadonlySet<number> = new Set();
  private heardAt = -Infinity;
  private stopped = false;
  private failures = 0;
  private consumer: Consumer | undefined;
  private committing: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    kafka: KafkaOptions,
    private readonly options: TopicReaderOptions,
  ) {
    this.kafka = kafkaClient(kafka, { retries, onError: (message) => this.noteFailure(message) });
    this.topic = topicOf(kafka);
  }

  /** The partitions that are this member's; undefined when it has not heard of its group for so long that it may be out. */
  get assigned(): ReadonlySet<number> | undefined {
    return performance.now() - this.heardAt < sessionMs ? this.partitions : undefined;
  }

  start(): void {
    this.running = this.run();
    if (this.options.commits) this.committing = setInterval(() => void this.commit(), commitEveryMs);
  }

  /** Lets events in flight be taken. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.committing);
    await this.commit();
    this.ended.give();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const consumer = this.newConsumer();
      this.consumer = consumer;
      try {
        // Without a broker it goes on trying, also when nobody waits for it any more.
        await Promise.race([this.consume(consumer), this.ended.wait(Infinity)]);
      } catch (error) {
        this.noteFailure(error);
      }
      await within(consumer.disconnect(), stopWithinMs);
      if (!this.stopped) await this.ended.wait(Math.min(1_000, backoffMs(Math.max(1, this.failures))));
    }
  }

  /** Does not resolve. */
  private async consume(consumer: Consumer): Promise<never> {
    await consumer.connect();
    await consumer.subscribe({ topics: [this.topic], fromBeginning: false });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 8,
      eachBatch: (payload) => this.take(payload),
    });
    return new Promise(() => undefined);
  }

  private newConsumer(): Consumer {
    const consumer = this.kafka.consumer({
      groupId: this.options.groupId(),
      allowAutoTopicCreation: false,
      sessionTimeout: sessionMs,
      rebalanceTimeout: sessionMs,
      heartbeatInterval: heartbeatMs,
      maxWaitTimeInMs: fetchWaitMs,
      retry: { restartOnFailure: async () => false },
    });
    consumer.on('consumer.heartbeat', () => this.heard());
    consumer.on('consumer.group_join', ({ payload }) => this.join(payload.memberAssignment[this.topic] ?? []));
    // It would start again by itself, but not after what it takes for an error of ours: then it is silent for ever.
    consumer.on('consumer.crash', ({ payload: { error } }) => {
      this.noteFailure(error);
      if (consumer === this.consumer) this.ended.give();
    });
    return consumer;
  }

  private join(partitions: readonly number[]): void {
    // Offsets of partitions that are another member's by now would take it back.
    this.offsets.clear();
    this.partitions = new Set(partitions);
    this.heard();
    this.options.onResume?.();
  }

  private heard(): void {
    this.heardAt = performance.now();
    if (this.failures === 0) return;
    this.failures = 0;
    this.logger.log('reads events from Kafka again');
    this.options.onResume?.();
  }

  private async take(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const last = batch.messages.at(-1);
    if (last === undefined || !payload.isRunning() || payload.isStale()) return;
    const events = batch.messages.map(publishedEventOf).filter((event) => event !== undefined);
    // Whoever takes them may be full for longer than a session lasts.
    const beating = setInterval(() => void payload.heartbeat().catch(() => undefined), heartbeatMs);
    try {
      await this.options.onEvents(events);
    } finally {
      clearInterval(beating);
    }
    payload.resolveOffset(last.offset);
    this.offsets.set(batch.partition, String(BigInt(last.offset) + 1n));
    await payload.heartbeat();
  }

  /** What fails to be committed is read twice, or not at all after a restart, and neither matters to those who read. */
  private async commit(): Promise<void> {
    const { consumer, topic } = this;
    const offsets = [...this.offsets].map(([partition, offset]) => ({ topic, partition, offset }));
    this.offsets.clear();
    if (consumer !== undefined && offsets.length > 0) await within(consumer.commitOffsets(offsets), stopWithinMs);
  }

  private noteFailure(error: unknown): void {
    this.failures += 1;
    if (this.failures === 1) this.logger.warn(`reads no events from Kafka for now, but from the log: ${String(error)}`);
  }
}

/** Resolves when the work has ended, however, or at the latest after so many milliseconds. */
async function within(work: Promise<unknown>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work.catch(() => undefined), timeout]);
  clearTimeout(timer);
}
