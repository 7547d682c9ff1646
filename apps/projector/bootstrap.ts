import type { AddressInfo } from 'node:net';
import type { LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { EventStore } from '#platform/event-store';
import { type CommitHint, CommitHintSender, ProjectionStrategy } from '#platform/messaging';
import { Readiness, Scrape } from '#platform/observability';
import type { ProjectorConfig } from './projector.config.ts';
import { ProjectorModule } from './projector.module.ts';

export interface ProjectorOptions {
  readonly logger: LoggerService | false;
  /** How it hears of commits of other processes. */
  readonly hint: CommitHint;
  /** How other processes hear of its own: its sagas append. */
  readonly sendHint: (app: NestExpressApplication) => () => void | Promise<void>;
  /** Ends a start that is under way, which may wait for its database for long. */
  readonly abort?: AbortSignal | undefined;
}

export interface RunningProjector {
  /** Where metrics and health are served, such as `http://127.0.0.1:9464`; undefined without a port. */
  readonly url: string | undefined;
  readonly scrape: Scrape;
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
  const hints = new CommitHintSender(app.get(EventStore), options.sendHint(app));
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= app.close().finally(() => hints.stop());
    return stopping;
  };
  // What ends by it fails the step that is under way, or the next one.
  const giveUp = (): void => void stop().catch(() => undefined);
  options.abort?.addEventListener('abort', giveUp, { once: true });
  try {
    options.abort?.throwIfAborted();
    const readiness = app.get(Readiness);
    readiness.add('running', () => {
      if (stopping !== undefined) throw new Error('stopping');
    });
    // Before the init hooks, which look for projections that Nest has not bound.
    app.connectMicroservice({ strategy: app.get(ProjectionStrategy) }, { inheritAppConfig: false });
    await app.init();
    // First the probes, so that a projector that waits for its database says so.
    if (config.metricsPort !== undefined) await app.listen(config.metricsPort, config.host);
    hints.start();
    options.abort?.throwIfAborted();
    await app.startAllMicroservices();
    options.abort?.throwIfAborted();
  } catch (error) {
    // What cannot be stopped says less than why it did not start.
    await stop().catch(() => undefined);
    throw error;
  } finally {
    options.abort?.removeEventListener('abort', giveUp);
  }
  return { url: config.metricsPort === undefined ? undefined : urlOf(app), scrape: app.get(Scrape), stop };
}

function urlOf(app: NestExpressApplication): string {
  const { address, family, port } = app.getHttpServer().address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
