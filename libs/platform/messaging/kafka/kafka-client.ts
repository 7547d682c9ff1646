import { Logger } from '@nestjs/common';
import { Kafka, logLevel } from 'kafkajs';
import type { KafkaOptions } from './kafka-options.ts';

/** Every figure is given, since kafkajs takes others when NODE_ENV is "test". */
const retry = { initialRetryTime: 100, maxRetryTime: 1_000, factor: 0.2, multiplier: 1.5 };

export interface KafkaClientOptions {
  /** Tries of one call: 5 take about two seconds, and each one more than that another second. */
  readonly retries: number;
  /** What kafkajs goes through while it tries by itself. */
  readonly onError?: ((message: string) => void) | undefined;
}

/** A client of the cluster; it connects when something is made of it. */
export function kafkaClient({ brokers, clientId }: KafkaOptions, { retries, onError }: KafkaClientOptions): Kafka {
  const logger = new Logger('Kafka');
  return new Kafka({
    brokers: [...brokers],
    clientId,
    connectionTimeout: 1_000,
    requestTimeout: 10_000,
    retry: { ...retry, retries },
    logLevel: logLevel.WARN,
    // For debugging only: a broker that is away would bring several lines a second. Who uses the client says it once.
    logCreator: () => (entry) => {
      logger.debug(`${entry.namespace}: ${entry.log.message}`);
      if (entry.level === logLevel.ERROR) onError?.(entry.log.message);
    },
  });
}
