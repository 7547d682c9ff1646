import type { AddressInfo } from 'node:net';
import type { LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DataSource } from 'typeorm';
import { type CommitHint, ProjectionStrategy } from '#platform/messaging';
import { Readiness } from '#platform/observability';
import type { ProjectorConfig } from './projector.config.ts';
import { ProjectorModule } from './projector.module.ts';

export interface ProjectorOptions {
  readonly logger: LoggerService | false;
  /** How it hears of commits of other processes. */
  readonly hint: CommitHint;
}

export interface RunningProjector {
  /** Where metrics and health are served, such as `http://127.0.0.1:9464`; undefined without a port. */
  readonly url: string | undefined;
  /** Not ready → batches in flight finished → connections closed. */
  stop(): Promise<void>;
}

/**
 * Starts the projections in this process; resolves once they run. The database must have its schema.
 * @throws what keeps it from starting; nothing is left running then
 */
export async function startProjector(config: ProjectorConfig, options: ProjectorOptions): Promise<RunningProjector> {
  const module = ProjectorModule.forRoot(config, options.hint);
  const app = await NestFactory.create<NestExpressApplication>(module, {
    bodyParser: false,
    abortOnError: false,
    logger: options.logger,
  });
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= app.close();
    return stopping;
  };
  try {
    const readiness = app.get(Readiness);
    readiness.add('running', () => {
      if (stopping !== undefined) throw new Error('stopping');
    });
    const database = app.get(DataSource);
    readiness.add('database', async () => void (await database.query('select 1')));
    // Before the init hooks, which look for projections that Nest has not bound.
    app.connectMicroservice({ strategy: app.get(ProjectionStrategy) }, { inheritAppConfig: false });
    await app.init();
    // First the probes, so that a projector that waits for its database says so.
    if (config.metricsPort !== undefined) await app.listen(config.metricsPort, config.host);
    await app.startAllMicroservices();
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: config.metricsPort === undefined ? undefined : urlOf(app), stop };
}

function urlOf(app: NestExpressApplication): string {
  const { address, family, port } = app.getHttpServer().address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
