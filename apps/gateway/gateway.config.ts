import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { ProxyProtocol } from '#platform/http';
import { logLevels, type TracingOptions, tracingOptionsOf, tracingSettings } from '#platform/observability';
import type { KubernetesAutoscalerOptions } from '#platform/cluster';
import type { CompressedRooms, EngineChoice } from '#platform/realtime';
import { z } from 'zod';
import { ConfigurationError, readEnvironment } from './environment.ts';

const url = (protocol: RegExp, like: string) =>
  z
    .string()
    .refine((value) => URL.canParse(value) && protocol.test(new URL(value).protocol), `must be a URL such as ${like}`);
const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}`);
const list = z.string().transform((value) =>
  value
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== ''),
);

/** Where Kubernetes puts what a pod may call its API with. */
const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The settings of PROTOCOL "One machine" that a gateway reads. */
export const gatewaySettings = z.object({
  DATA_DIR: z.string().optional(),
  HOST: z.string().default('127.0.0.1'),
  PORT: whole(0, 65_535).default(4000),
  METRICS_PORT: whole(0, 65_535).optional(),
  PUBLIC_URL: url(/^https?:$/, 'https://tests.example.com').optional(),
  PUBLIC_STREAM_URL: url(/^wss?:$/, 'wss://tests.example.com/stream').optional(),
  DATABASE_URL: url(/^postgres(ql)?:$/, 'postgres://user:password@host:5432/testcast').optional(),
  DATABASE_REPLICA_URLS: list
    .pipe(z.array(url(/^postgres(ql)?:$/, 'postgres://user:password@standby:5432/testcast')))
    .default([]),
  REGION: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 of A-Z, a-z, 0-9, _ and -')
    .default('local'),
  REGION_POSITION: z
    .string()
    .regex(/^-?\d{1,2}(\.\d{1,6})?,-?\d{1,3}(\.\d{1,6})?$/, 'must be latitude,longitude such as 50.1,8.7')
    .transform((value) => {
      const [latitude, longitude] = value.split(',').map(Number);
      return { latitude: latitude!, longitude: longitude! };
    })
    .refine(
      ({ latitude, longitude }) => Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180,
      'must be latitude,longitude such as 50.1,8.7',
    )
    .optional(),
  SERVER_ID: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 of A-Z, a-z, 0-9, . _ and -')
    .optional(),
  // RFC 7518, 3.2: an HS256 key is at least as long as the hash; a shorter one can be found by trying.
  JWT_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  JWKS_URL: url(/^https?:$/, 'https://login.example.com/.well-known/jwks.json').optional(),
  JWT_ISSUER: z.string().optional(),
  JWT_AUDIENCE: z.string().optional(),
  STOP_DELAY_SECONDS: whole(0, 300).default(0),
  MAX_CONNECTIONS: whole(1, 1_000_000).optional(),
  MEMORY_LIMIT_MB: whole(64, 1_000_000).default(1536),
  STREAM_ENGINE: z.enum(['auto', 'ws', 'uws'], 'must be auto, ws or uws').default('auto'),
  STREAM_PORT: whole(0, 65_535).default(4001),
  UWS_PACKAGE: z.string().optional(),
  COMPRESSION: z
    .string()
    .regex(/^[a-z-]{1,64}(,[a-z-]{1,64}){0,31}$/, 'must be off, deflate or kinds of rooms such as output,run')
    .default('off'),
  TRUSTED_PROXIES: list
    .pipe(
      z.array(z.string().regex(/^([0-9a-fA-F.:/]+|loopback|linklocal|uniquelocal)$/, 'must list addresses or subnets')),
    )
    .default([]),
  PROXY_PROTOCOL: z.enum(['off', 'required', 'optional'], 'must be off, required or optional').default('off'),
  ALLOWED_ORIGINS: list
    .pipe(
      z.array(
        z.union(
          [z.literal('*'), url(/^https?:$/, 'https://ci.example.com')],
          'must list origins such as https://ci.example.com, or *',
        ),
      ),
    )
    .default([]),
  SERVER_STREAM_URL: url(/^wss?:$/, 'wss://gateway-1.example.com/stream').optional(),
  REDIS_URL: list.pipe(z.array(url(/^rediss?:$/, 'redis://redis-1:6379'))).default([]),
  GEO_DATABASE: z.string().optional(),
  KAFKA_BROKERS: list
    .pipe(
      z
        .array(z.string().regex(/^[A-Za-z0-9._-]+:\d{1,5}$/, 'must list addresses such as kafka-1:9092'))
        .min(1, 'must list addresses such as kafka-1:9092'),
    )
    .optional(),
  ALERTS_TOKEN_FILE: z.string().optional(),
  AUTOSCALER: z
    .string()
    .regex(/^[a-z0-9-]{1,63}\/[a-z0-9.-]{1,253}$/, 'must be namespace/name of a HorizontalPodAutoscaler')
    .transform((value) => value.split('/') as [namespace: string, name: string])
    .optional(),
  KUBERNETES_API_URL: url(/^https?:$/, 'https://kubernetes.default.svc').default('https://kubernetes.default.svc'),
  KUBERNETES_TOKEN_FILE: z.string().default(`${serviceAccount}/token`),
  KUBERNETES_CA_FILE: z.string().default(`${serviceAccount}/ca.crt`),
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: tracingSettings.endpoint,
  OTEL_EXPORTER_OTLP_HEADERS: tracingSettings.headers,
  OTEL_SERVICE_NAME: tracingSettings.serviceName,
  OTEL_TRACES_SAMPLER: tracingSettings.sampler,
  OTEL_TRACES_SAMPLER_ARG: tracingSettings.ratio,
});

export interface GatewayConfig {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Of `/metrics` and `/health`, beside `port`; undefined: `/metrics` are on `port`, for this machine alone. 0: a free one. */
  readonly metricsPort?: number | undefined;
  readonly streamEngine: EngineChoice['engine'];
  /** Of the socket, where the engine has a port of its own. 0: a free one. */
  readonly streamPort: number;
  /** Name or path of uWebSockets.js, where it is not beside this product. */
  readonly uwsPackage?: string | undefined;
  /** Rooms whose messages are compressed for clients that ask for it. */
  readonly compressed?: CompressedRooms | undefined;
  readonly publicUrl?: string | undefined;
  readonly publicStreamUrl?: string | undefined;
  readonly databaseUrl: string;
  /** Of standbys that may answer reads of the log. */
  readonly databaseReplicaUrls: readonly string[];
  /** Addresses of the Kafka that brings what other processes commit; undefined = the log is asked once a second. */
  readonly kafkaBrokers?: readonly string[] | undefined;
  readonly region: string;
  readonly serverId: string;
  /** Another one after each start. */
  readonly startId: string;
  /** Whether the gateway stands behind one socket URL with others; tickets then name nobody. */
  readonly sharedStreamUrl: boolean;
  /** Where clients reach this very gateway, where each has a URL of its own. */
  readonly serverStreamUrl?: string | undefined;
  readonly regionPosition?: { readonly latitude: number; readonly longitude: number } | undefined;
  /** Where gateways tell each other of themselves. */
  readonly redisUrls: readonly string[];
  /** A database of addresses in MaxMind's format. */
  readonly placesFile?: string | undefined;
  readonly jwtSecret?: string | undefined;
  readonly jwksUrl?: string | undefined;
  readonly jwtIssuer?: string | undefined;
  readonly jwtAudience?: string | undefined;
  readonly maxConnections: number;
  /** For which a gateway that was told to stop serves on, not ready: balancers find out before newcomers would be refused. */
  readonly stopDelayMs: number;
  /** Of heap, at which the process counts as full. */
  readonly memoryLimitBytes: number;
  readonly trustedProxies: readonly string[];
  readonly proxyProtocol: ProxyProtocol;
  readonly allowedOrigins: readonly string[];
  /** Holds what Alertmanager shows of itself; without it an admin key is needed. */
  readonly alertsTokenFile?: string | undefined;
  /** Whose least number of pods is raised while an alert asks for it. */
  readonly autoscaler?: KubernetesAutoscalerOptions | undefined;
  readonly logLevel: (typeof logLevels)[number];
  /** Where spans go, if anywhere. */
  readonly tracing?: TracingOptions | undefined;
  /** Where the admin key is kept; a gateway of a cluster has none unless `DATA_DIR` is set. */
  readonly adminKeyFile?: string | undefined;
}

/** Throws ConfigurationError with every problem. */
export function readGatewayConfig(environment: NodeJS.ProcessEnv): GatewayConfig {
  const settings = readEnvironment(gatewaySettings, environment);
  if (settings.DATABASE_URL === undefined) {
    throw new ConfigurationError([
      'DATABASE_URL must be set to a URL such as postgres://user:password@host:5432/testcast',
    ]);
  }
  return gatewayConfigOf(settings, { alone: false, databaseUrl: settings.DATABASE_URL, logLevel: 'info' });
}

/** The config of settings that were read, frozen. `alone`: it is the only gateway. `logLevel` is the one where LOG_LEVEL is not set. */
export function gatewayConfigOf(
  settings: z.output<typeof gatewaySettings>,
  { alone, databaseUrl, logLevel }: Pick<GatewayConfig, 'databaseUrl' | 'logLevel'> & { readonly alone: boolean },
): GatewayConfig {
  if (settings.PROXY_PROTOCOL !== 'off' && settings.TRUSTED_PROXIES.length === 0) {
    throw new ConfigurationError(['TRUSTED_PROXIES must be set for PROXY_PROTOCOL: headers of others are refused']);
  }
  return Object.freeze({
    host: settings.HOST,
    port: settings.PORT,
    metricsPort: settings.METRICS_PORT,
    streamEngine: settings.STREAM_ENGINE,
    streamPort: settings.STREAM_PORT,
    uwsPackage: settings.UWS_PACKAGE,
    compressed: compressedRooms(settings.COMPRESSION),
    publicUrl: settings.PUBLIC_URL,
    publicStreamUrl: settings.PUBLIC_STREAM_URL,
    databaseUrl,
    databaseReplicaUrls: settings.DATABASE_REPLICA_URLS,
    kafkaBrokers: settings.KAFKA_BROKERS,
    region: settings.REGION,
    startId: randomUUID(),
    sharedStreamUrl: !alone && settings.SERVER_STREAM_URL === undefined,
    serverStreamUrl: settings.SERVER_STREAM_URL,
    regionPosition: settings.REGION_POSITION,
    redisUrls: alone ? [] : settings.REDIS_URL,
    placesFile: settings.GEO_DATABASE,
    serverId: settings.SERVER_ID ?? `${hostname()}-${settings.PORT}`,
    jwtSecret: settings.JWT_SECRET,
    jwksUrl: settings.JWKS_URL,
    jwtIssuer: settings.JWT_ISSUER,
    jwtAudience: settings.JWT_AUDIENCE,
    maxConnections: settings.MAX_CONNECTIONS ?? (alone ? 12_000 : 2500),
    stopDelayMs: settings.STOP_DELAY_SECONDS * 1000,
    memoryLimitBytes: settings.MEMORY_LIMIT_MB * 1024 * 1024,
    trustedProxies: settings.TRUSTED_PROXIES,
    proxyProtocol: settings.PROXY_PROTOCOL,
    allowedOrigins: settings.ALLOWED_ORIGINS,
    alertsTokenFile: settings.ALERTS_TOKEN_FILE,
    autoscaler: autoscalerOf(settings),
    logLevel: settings.LOG_LEVEL ?? logLevel,
    tracing: tracingOptionsOf(settings, 'testcast-gateway', settings.SERVER_ID ?? `${hostname()}-${settings.PORT}`),
    adminKeyFile: settings.DATA_DIR === undefined ? undefined : join(settings.DATA_DIR, 'admin.key'),
  });
}

function compressedRooms(setting: string): CompressedRooms | undefined {
  if (setting === 'off') return undefined;
  return setting === 'deflate' ? 'all' : setting.split(',');
}

function autoscalerOf(settings: z.output<typeof gatewaySettings>): KubernetesAutoscalerOptions | undefined {
  if (settings.AUTOSCALER === undefined) return undefined;
  const [namespace, name] = settings.AUTOSCALER;
  const { KUBERNETES_API_URL: apiUrl, KUBERNETES_TOKEN_FILE: tokenFile, KUBERNETES_CA_FILE: caFile } = settings;
  return { namespace, name, apiUrl, tokenFile, caFile };
}
