import { mkdir } from 'node:fs/promises';
import { startGateway } from '#apps/gateway/bootstrap';
import { migrateDatabase } from '#platform/database';
import { everyStep } from '#platform/kernel';
import { hintsTo, IpcCommitHint } from '#platform/messaging';
import { askForMetrics, JsonLogger } from '#platform/observability';
import { requireFreePort } from './free-port.ts';
import { LocalDatabase } from './local-database.ts';
import { ProjectorProcess } from './projector-process.ts';
import type { StandaloneConfig } from './standalone.config.ts';

/** Everything on one machine, until told to stop. */
export class Standalone {
  private readonly logger: JsonLogger;
  private readonly stops: (() => Promise<void>)[] = [];
  private readonly projector: ProjectorProcess;
  private databaseUrl = '';

  constructor(
    private readonly config: StandaloneConfig,
    private readonly print: (line: string) => void,
  ) {
    // Standard output belongs to the ready line and the link.
    this.logger = new JsonLogger({
      level: config.logLevel,
      name: 'standalone',
      destination: { write: (line) => process.stderr.write(line) },
    });
    this.projector = new ProjectorProcess({
      warn: (message) => this.logger.warn(message),
    });
  }

  /** Starts, serves until `stop` is aborted, and stops what it started, last first, also when starting fails half-way. */
  async run(stop: AbortSignal): Promise<void> {
    const serve = async (): Promise<void> => {
      try {
        await this.start(stop);
        await aborted(stop);
      } catch (error) {
        if (!stop.aborted) throw error;
      }
    };
    // What did not start is told first, and the database is stopped also when the gateway could not be.
    await everyStep([serve, () => everyStep(this.stops.reverse())]);
  }

  /** Leaves at once; PostgreSQL ends with this process. */
  abandon(): void {
    this.projector.kill();
  }

  private async start(stop: AbortSignal): Promise<void> {
    const { config } = this;
    if (config.port !== 0) await requireFreePort(config.host, config.port);
    await mkdir(config.dataDir, { recursive: true });
    this.databaseUrl = config.databaseUrl ?? (await this.startDatabase());
    stop.throwIfAborted();
    await migrateDatabase(this.databaseUrl);
    stop.throwIfAborted();
    this.startProjector();
    const gateway = await startGateway(config.gateway(this.databaseUrl), {
      logger: this.logger,
      sendHint: () => hintsTo(this.projector),
      hint: new IpcCommitHint(this.projector),
      otherMetrics: () => askForMetrics(this.projector),
    });
    this.stops.push(() => gateway.stop());
    stop.throwIfAborted();
    this.print(`Testcast is ready on ${gateway.url}`);
    // Who opens one port of a firewall or a container would miss the other.
    if (gateway.streamPort !== undefined) this.print(`Sockets are on port ${gateway.streamPort}`);
    this.print(`Sign in within 10 minutes: ${await gateway.signInLink()}`);
  }

  private async startDatabase(): Promise<string> {
    const database = await LocalDatabase.start(this.config.postgresDir, (message) => this.logger.warn(message));
    this.stops.push(() => database.stop());
    return database.url;
  }

  // Before the gateway: both load their code at the same time, and the projector is stopped after it.
  private startProjector(): void {
    this.projector.start({
      DATABASE_URL: this.databaseUrl,
      LOG_LEVEL: this.config.logLevel,
      EXPORT_DIR: this.config.exportDir,
      // The gateway shows those of both there.
      METRICS_PORT: '',
    });
    this.stops.push(() => this.projector.stop());
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
