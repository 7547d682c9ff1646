import { expect, it } from 'vitest';
import { readProjectorConfig } from './projector.config.ts';

const DATABASE_URL = 'postgres://testcast:hunter2@127.0.0.1:5432/testcast';

it('fills in what is not set, and takes an empty value for not set', () => {
  const config = readProjectorConfig({ DATABASE_URL, METRICS_PORT: '', LOG_LEVEL: ' ' });
  expect(config).toEqual({ databaseUrl: DATABASE_URL, host: '127.0.0.1', metricsPort: undefined, logLevel: 'info' });
  expect(Object.isFrozen(config)).toBe(true);
});

it('lists every problem at once, and no value', () => {
  const read = () =>
    readProjectorConfig({ DATABASE_URL: 'mysql://u:hunter2@h/d', METRICS_PORT: '70000', LOG_LEVEL: 'loud' });
  expect(read).toThrow(/DATABASE_URL must be a URL[^]*METRICS_PORT must be a port[^]*LOG_LEVEL must be one of fatal/);
  expect(read).toThrow(expect.not.objectContaining({ message: expect.stringContaining('hunter2') as string }) as Error);
  expect(() => readProjectorConfig({})).toThrow('DATABASE_URL must be set');
});

it('takes for how many days trends are kept, in whole days', () => {
  const read = (minutes: string, hours = '') =>
    readProjectorConfig({ DATABASE_URL, TREND_MINUTES_DAYS: minutes, TREND_HOURS_DAYS: hours });
  expect(read('30', '400')).toMatchObject({ trendMinutesDays: 30, trendHoursDays: 400 });
  expect(read('')).toMatchObject({ trendMinutesDays: undefined, trendHoursDays: undefined });
  for (const wrong of ['0', '-1', '1.5', '10000', 'two'])
    expect(() => read(wrong)).toThrow('TREND_MINUTES_DAYS must be a whole number of days from 1 to 9999');
});

it('keeps runs for ever, or for so many days and exports them', () => {
  const read = (days: string, dir = '') => readProjectorConfig({ DATABASE_URL, RETENTION_DAYS: days, EXPORT_DIR: dir });
  expect(read('30', '/exports')).toMatchObject({ retentionDays: 30, exportDir: '/exports' });
  expect(read('0')).toMatchObject({ retentionDays: 0, exportDir: undefined });
  expect(() => read('30')).toThrow('EXPORT_DIR must be set with RETENTION_DAYS');
  for (const wrong of ['-1', '1.5', '03', 'never']) expect(() => read(wrong)).toThrow('RETENTION_DAYS must be');
});

it('takes the addresses of a Kafka, and nothing that is none', () => {
  const read = (brokers: string, factor = '') =>
    readProjectorConfig({ DATABASE_URL, KAFKA_BROKERS: brokers, KAFKA_REPLICATION_FACTOR: factor });
  expect(read('kafka-1:9092, kafka-2:9092,', '2')).toMatchObject({
    kafkaBrokers: ['kafka-1:9092', 'kafka-2:9092'],
    kafkaReplicationFactor: 2,
  });
  expect(read('kafka-1:9092')).toMatchObject({ kafkaReplicationFactor: undefined });
  for (const wrong of ['kafka-1', ',', 'kafka://kafka-1:9092'])
    expect(() => read(wrong)).toThrow(/KAFKA_BROKERS.* must list addresses such as kafka-1:9092/);
  expect(() => read('kafka-1:9092', '0')).toThrow('KAFKA_REPLICATION_FACTOR must be a whole number from 1 to 9');
});
