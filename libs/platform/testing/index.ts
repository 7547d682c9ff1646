export {
  eventually,
  type EventuallyOptions,
  hasRedis,
  KafkaBroker,
  kafkaClassPath,
  RedisCluster,
} from '#platform/local-services';
export { createDatabase } from './database.ts';
export { anyEvent, anyStream } from './event-fixtures.ts';
export { eventStoreContract } from './event-store.contract.ts';
export { eventStoreModelContract } from './event-store-model/event-store-model.contract.ts';
export type { LogUnderModel, Mover } from './event-store-model/log-under-model.ts';
export { type LossyConnection, lossyConnection } from './lossy-connection.ts';
export { projectSlot } from './project-slot.ts';
export { hasUws, uwsPackage } from './uws-package.ts';
