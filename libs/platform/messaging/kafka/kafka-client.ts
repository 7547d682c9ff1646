import { Logger } from '@nestjs/common';
import { Kafka, logLevel } from 'kafkajs';
import type { KafkaOptions } from './kafka-options.ts';

/**
 * What one call of kafkajs tries by itself, about two seconds; whoever calls it goes on from there, and can stop in
 * between. Every figure is given, since kafkajs takes others when NODE_ENV is "test".
 */
const retry = { initialRetryTime: 100, maxRetryTime: 1_000, factor: 0.2, multiplier: 1.5, retries: 5 };

/** A client of the cluster; it connects when something is made of it. */
export function kafkaClient({ brokers, clientId }: KafkaOptions): Kafka {
  const logger = new Logger('Kafka');
  return new Kafka({
    brokers: [...brokers],
    clientId,
    connectionTimeout: 1_000,
    requestTimeout: 10_000,
    retry,
    logLevel: logLevel.WARN,
    // For debugging only: a broker that is away would bring several lines a second. Who uses the client says it once.
    logCreator: () => (entry) => logger.debug(`${entry.namespace}: ${entry.log.message}`),
  });
}
