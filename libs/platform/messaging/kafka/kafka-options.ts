/** The Kafka that carries events between processes. */
export interface KafkaOptions {
  /** Addresses to begin with, `host:port`; the cluster tells of the others. */
  readonly brokers: readonly string[];
  /** How this process is called in the broker's logs. */
  readonly clientId: string;
  /** Default `testcast.events`. */
  readonly topic?: string | undefined;
  /** Copies of the topic when it is created (default: as many as there are addresses, at most 3). */
  readonly replicationFactor?: number | undefined;
}

const defaultTopic = 'testcast.events';

/** Partitions of the topic. Fixed for ever: with another number a slot's events would go on in another partition. */
export const topicPartitions = 32;

export function topicOf({ topic }: Pick<KafkaOptions, 'topic'>): string {
  return topic ?? defaultTopic;
}

/** The partition that carries a slot. */
export function partitionOf(slot: number): number {
  return slot % topicPartitions;
}
