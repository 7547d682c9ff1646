export { keepLog } from './keep-log.ts';
export { eventually, type EventuallyOptions } from './eventually.ts';
export { KafkaBroker } from './kafka-broker.ts';
export { kafkaClassPath } from './kafka-libraries.ts';
export { hasHaproxy, Haproxy } from './haproxy.ts';
export { hasRedis, RedisCluster } from './redis-cluster.ts';
