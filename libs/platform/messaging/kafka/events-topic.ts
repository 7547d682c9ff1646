import type { Admin } from 'kafkajs';
import { type KafkaOptions, topicOf, topicPartitions } from './kafka-options.ts';

const retentionMs = 7 * 24 * 3_600_000;
/** A batch of one partition is one record for the broker; ours are smaller, and one that is refused would stop the relay. */
const batchBytes = 4 * 1024 * 1024;

/** Creates the topic unless it is there. Throws when it has fewer partitions than slots are spread over. */
export async function ensureTopic(admin: Admin, options: KafkaOptions): Promise<void> {
  const topic = topicOf(options);
  if (!(await admin.listTopics()).includes(topic)) {
    const { replicationFactor = Math.min(3, options.brokers.length) } = options;
    await admin.createTopics({
      topics: [{ topic, numPartitions: topicPartitions, replicationFactor, configEntries: entries(replicationFactor) }],
      timeout: 10_000,
    });
  }
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const found = topics[0]?.partitions.length ?? 0;
  if (found < topicPartitions)
    throw new Error(`topic ${topic} has ${found} partitions, and must have ${topicPartitions}`);
}

function entries(replicationFactor: number): { name: string; value: string }[] {
  return [
    { name: 'retention.ms', value: String(retentionMs) },
    // One broker may be away; with two away nothing is acknowledged, rather than kept by one alone.
    { name: 'min.insync.replicas', value: String(Math.max(1, replicationFactor - 1)) },
    { name: 'max.message.bytes', value: String(batchBytes) },
  ];
}
