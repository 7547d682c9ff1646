import { type Kafka, Partitioners, type Producer } from 'kafkajs';
import type { RecordedEvent } from '#platform/event-store';
import { ensureTopic } from './events-topic.ts';
import { kafkaClient } from './kafka-client.ts';
import { type KafkaOptions, topicOf } from './kafka-options.ts';
import { messageOf } from './published-event.ts';

/** Milliseconds that a broker may take until all replicas in sync have a batch. */
const ackWithinMs = 10_000;

/** Writes events to the topic. Made anew after a failure: a repeat is harmless, so the producer needs no memory. */
export class Publisher {
  private readonly kafka: Kafka;
  private readonly producer: Producer;

  constructor(private readonly options: KafkaOptions) {
    this.kafka = kafkaClient(options, { retries: 5 });
    this.producer = this.kafka.producer({
      // Every message names its partition.
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      maxInFlightRequests: 1,
    });
  }

  /** Resolves when the topic is there and can be written to. */
  async open(): Promise<void> {
    const admin = this.kafka.admin();
    try {
      await admin.connect();
      await ensureTopic(admin, this.options);
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
    await this.producer.connect();
  }

  /**
   * Sends events, in order within each partition. One call at a time.
   *
   * @returns the partitions whose events all replicas in sync have. kafkajs resolves a send without having sent all of it
   *   when a leader moves to a broker that has already answered (tulios/kafkajs#1303): only what the answer names is there
   */
  async send(events: readonly RecordedEvent[], epoch: string): Promise<ReadonlySet<number>> {
    const answer = await this.producer.send({
      topic: topicOf(this.options),
      acks: -1,
      timeout: ackWithinMs,
      messages: events.map((event) => messageOf(event, epoch)),
    });
    return new Set(answer.filter(({ errorCode }) => errorCode === 0).map(({ partition }) => partition));
  }

  async close(): Promise<void> {
    await this.producer.disconnect().catch(() => undefined);
  }
}
