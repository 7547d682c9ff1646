import { setTimeout as delay } from 'node:timers/promises';
import type { LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandBus } from '@nestjs/cqrs';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AdminKey, CreateSignInLink } from '#modules/access/gateway';
import { EventStore } from '#platform/event-store';
import { configureHttp, ExpressServerAdapter, serveWebUi } from '#platform/http';
import { everyStep } from '#platform/kernel';
import { type CommitHint, CommitHintSender, KafkaEventSource } from '#platform/messaging';
import { type OtherMetrics, Readiness, traceRequests, Tracing } from '#platform/observability';
import { RealtimeAdapter, RealtimeServer } from '#platform/realtime';
import type { GatewayConfig } from './gateway.config.ts';
import { GatewayModule } from './gateway.module.ts';
import { type MetricsServer, serveMetrics } from './metrics-server.ts';
import { traceCommands } from './traced-commands.ts';
import { findWebRoot } from './web-root.ts';

export interface GatewayOptions {
  readonly logger: LoggerService;
  /** How the projector hears of commits of this process; may reject, and is then called again with the next commits. */
  readonly sendHint: (app: NestExpressApplication) => () => void | Promise<void>;
  /** How this process hears of commits of others; without it the log is asked once a second. Not used with Kafka. */
  readonly hint?: CommitHint | undefined;
  /** Metrics of processes that `/metrics` speaks for. */
  readonly otherMetrics?: OtherMetrics | undefined;
}

export interface RunningGateway {
  /** Such as `http://127.0.0.1:4000`. */
  readonly url: string;
  /** The port of the socket, where it is not that of `url`. */
  readonly streamPort: number | undefined;
  /** The port of `/metrics`, where it is not that of `url`. */
  readonly metricsPort: number | undefined;
  /** A fresh link that signs the owner of this machine in, once. Only where an admin key is kept. */
  signInLink(): Promise<string>;
  /** Not ready → `stopDelayMs` as before → sockets drained → HTTP closed → appends flushed. */
  stop(): Promise<void>;
}

/** What runs beside the Nest application. */
interface Beside {
  readonly hints: CommitHintSender;
  /** Where rooms hear of commits of others. */
  readonly source: { stop(): Promise<void> } | undefined;
  readonly metrics: MetricsServer | undefined;
}

/** HTTP connections that a gateway takes beside its sockets: those of CI jobs, of browsers, of a balancer's pool. */
const plainConnections = 5_000;
/** How long requests that are under way may take to end once the server stops. */
const lastRequestsMs = 10_000;

/**
 * Starts a gateway in this process. The database must have its schema.
 * @throws Error with `code: 'EADDRINUSE'` when the port is taken, and what keeps it from hearing of commits; nothing is
 * left running then
 */
export async function startGateway(config: GatewayConfig, options: GatewayOptions): Promise<RunningGateway> {
  const app = await createGateway(config, options);
  try {
    await app.listen(config.port, config.host);
  } catch (error) {
    await app.close();
    throw error;
  }
  const hints = new CommitHintSender(app.get(EventStore), options.sendHint(app));
  hints.start();
  let metrics: MetricsServer | undefined;
  try {
    if (config.metricsPort !== undefined) metrics = await serveMetrics(app, config.host, config.metricsPort);
    const source = await feedRooms(app, config, options.hint);
    return running(app, config, { hints, source, metrics });
  } catch (error) {
    // What cannot be stopped says less than why it did not start.
    await stop(app, { hints, source: options.hint, metrics }).catch(() => undefined);
    throw error;
  }
}

/** The application, put together but not yet listening. */
export async function createGateway(
  config: GatewayConfig,
  { logger, otherMetrics }: { logger: LoggerService | false } & Pick<GatewayOptions, 'otherMetrics'>,
): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(
    GatewayModule.forRoot(config, otherMetrics),
    new ExpressServerAdapter(),
    {
      bodyParser: false,
      abortOnError: false,
      logger,
    },
  );
  const tracing = app.get<Tracing | null>(Tracing);
  if (tracing !== null) {
    app.use(traceRequests(tracing));
    traceCommands(app.get(CommandBus), tracing);
  }
  configureHttp(app, {
    ...config,
    // Above the limit of sockets there must be room to say 503, and for plain requests.
    maxSockets: config.maxConnections + plainConnections,
    logRequests: config.logLevel === 'debug' || config.logLevel === 'trace',
  });
  app.useWebSocketAdapter(new RealtimeAdapter(app));
  const webRoot = findWebRoot();
  if (webRoot !== undefined) serveWebUi(app, webRoot);
  return app;
}

/** Rooms hear of what other processes commit at once, and not only when they compare with the log. */
async function feedRooms(
  app: NestExpressApplication,
  config: GatewayConfig,
  hint: CommitHint | undefined,
): Promise<Beside['source']> {
  const { feed } = app.get(RealtimeServer);
  if (config.kafkaBrokers === undefined) {
    await hint?.start(() => feed.poke());
    return hint;
  }
  const options = { brokers: config.kafkaBrokers, clientId: `testcast-gateway-${config.serverId}` };
  const source = new KafkaEventSource(options, feed);
  source.start();
  return source;
}

function running(app: NestExpressApplication, config: GatewayConfig, beside: Beside): RunningGateway {
  const url = urlOf(app, config);
  let stopping: Promise<void> | undefined;
  app.get(Readiness).add('running', () => {
    if (stopping !== undefined) throw new Error('stopping');
  });
  return {
    url,
    streamPort: app.get(RealtimeServer).port,
    metricsPort: beside.metrics?.port,
    async signInLink() {
      const link = new CreateSignInLink({ '*': 'admin' }, app.get(AdminKey).caller(), config.publicUrl ?? url);
      return (await app.get(CommandBus).execute(link)).url;
    },
    stop() {
      stopping ??= delay(config.stopDelayMs).then(() => stop(app, beside));
      return stopping;
    },
  };
}

async function stop(app: NestExpressApplication, { hints, source, metrics }: Beside): Promise<void> {
  const server = app.getHttpServer();
  // An upload that never ends must not keep the process.
  const cut = setTimeout(() => server.closeAllConnections(), lastRequestsMs);
  await everyStep([
    // Rooms that are drained still compare with the log; events after that would find nobody.
    () => source?.stop(),
    () => app.close(),
    () => clearTimeout(cut),
    () => hints.stop(),
    // Last: how a drain goes is seen there.
    () => metrics?.stop(),
  ]);
}

function urlOf(app: NestExpressApplication, config: GatewayConfig): string {
  const address = app.getHttpServer().address();
  const port = address === null || typeof address === 'string' ? config.port : address.port;
  // What listens everywhere is reached, from here, on the loopback address.
  const host = config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : config.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
