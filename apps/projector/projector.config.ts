import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import {
  type LogLevel,
  logLevels,
  type TracingOptions,
  tracingOptionsOf,
  tracingSettings,
} from '#platform/observability';

const port = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port, 0 to 65535')
  .transform(Number)
  .refine((value) => value <= 65_535, 'must be a port, 0 to 65535');
const brokers = z
  .string()
  .transform((value) =>
    value
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  )
  .pipe(
    z
      .array(z.string().regex(/^[A-Za-z0-9._-]+:\d{1,5}$/, 'must list addresses such as kafka-1:9092'))
      .min(1, 'must list addresses such as kafka-1:9092'),
  );
const postgresUrl = z
  .string('must be set to a URL such as postgres://user:password@host:5432/testcast')
  .refine(
    (value) => URL.canParse(value) && /^postgres(ql)?:$/.test(new URL(value).protocol),
    'must be a URL such as postgres://user:password@host:5432/testcast',
  );

const days = z
  .string()
  .regex(/^[1-9]\d{0,3}$/, 'must be a whole number of days from 1 to 9999')
  .transform(Number);

/** The settings of PROTOCOL "One machine" that a projector reads. */
export const projectorSettings = z
  .object({
    DATABASE_URL: postgresUrl,
    HOST: z.string().default('127.0.0.1'),
    METRICS_PORT: port.optional(),
    KAFKA_BROKERS: brokers.optional(),
    KAFKA_REPLICATION_FACTOR: z
      .string()
      .regex(/^[1-9]$/, 'must be a whole number from 1 to 9')
      .transform(Number)
      .optional(),
    RETENTION_DAYS: z
      .string()
      .regex(/^(0|[1-9]\d{0,3})$/, 'must be a whole number of days from 1 to 9999, or 0 for ever')
      .transform(Number)
      .optional(),
    EXPORT_DIR: z.string().optional(),
    TREND_MINUTES_DAYS: days.optional(),
    TREND_HOURS_DAYS: days.optional(),
    LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).default('info'),
    OTEL_EXPORTER_OTLP_ENDPOINT: tracingSettings.endpoint,
    OTEL_EXPORTER_OTLP_HEADERS: tracingSettings.headers,
    OTEL_SERVICE_NAME: tracingSettings.serviceName,
    OTEL_TRACES_SAMPLER: tracingSettings.sampler,
    OTEL_TRACES_SAMPLER_ARG: tracingSettings.ratio,
  })
  .refine(({ RETENTION_DAYS = 0, EXPORT_DIR }) => RETENTION_DAYS === 0 || EXPORT_DIR !== undefined, {
    path: ['EXPORT_DIR'],
    message: 'must be set with RETENTION_DAYS: runs are exported before they are erased',
  });

export interface ProjectorConfig {
  readonly databaseUrl: string;
  /** Address of the metrics and the health probes. */
  readonly host: string;
  /** Their port; 0 = a free one, undefined = they are not served. */
  readonly metricsPort: number | undefined;
  readonly logLevel: LogLevel;
  /** Where spans go, if anywhere. */
  readonly tracing?: TracingOptions | undefined;
  /** Addresses of the Kafka that carries events; undefined = projections tail the log. */
  readonly kafkaBrokers?: readonly string[] | undefined;
  /** Copies of the topic when it is created; undefined = one a broker listed, at most 3. */
  readonly kafkaReplicationFactor?: number | undefined;
  /** For how many days runs of projects without a setting are kept; 0 or undefined = for ever. */
  readonly retentionDays?: number | undefined;
  /** Where runs are exported before they are erased, absolute; undefined = nothing is erased. */
  readonly exportDir?: string | undefined;
  /** For how many days roll-ups of results are kept by minute, and by hour; undefined = as the module has it. */
  readonly trendMinutesDays?: number | undefined;
  readonly trendHoursDays?: number | undefined;
}

/** Throws an Error that lists every problem. Values are left out of it, since some are secrets. */
export function readProjectorConfig(environment: NodeJS.ProcessEnv): ProjectorConfig {
  // An empty value counts as not set: that is how compose files and charts leave a setting out.
  const given = Object.fromEntries(
    Object.keys(projectorSettings.shape).map((name) => [name, environment[name]?.trim() || undefined]),
  );
  const parsed = projectorSettings.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `  - ${path.join('.')} ${message}`);
    throw new Error(`The settings cannot be used:\n${problems.join('\n')}`);
  }
  const { data } = parsed;
  return Object.freeze({
    databaseUrl: data.DATABASE_URL,
    host: data.HOST,
    metricsPort: data.METRICS_PORT,
    logLevel: data.LOG_LEVEL,
    tracing: tracingOptionsOf(data, 'testcast-projector', `${hostname()}-${process.pid}`),
    kafkaBrokers: data.KAFKA_BROKERS,
    kafkaReplicationFactor: data.KAFKA_REPLICATION_FACTOR,
    retentionDays: data.RETENTION_DAYS,
    exportDir: data.EXPORT_DIR === undefined ? undefined : resolve(data.EXPORT_DIR),
    trendMinutesDays: data.TREND_MINUTES_DAYS,
    trendHoursDays: data.TREND_HOURS_DAYS,
  });
}
