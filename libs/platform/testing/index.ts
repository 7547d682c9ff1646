export { createDatabase } from './database.ts';
export { anyEvent, anyStream } from './event-fixtures.ts';
export { eventStoreContract } from './event-store.contract.ts';
export { eventually } from './eventually.ts';
export type { EventuallyOptions } from './eventually.ts';
export { KafkaBroker } from './kafka-broker.ts';
export { kafkaClassPath } from './kafka-libraries.ts';
export { type LossyConnection, lossyConnection } from './lossy-connection.ts';
export { hasRedis, RedisCluster } from './redis-cluster.ts';
