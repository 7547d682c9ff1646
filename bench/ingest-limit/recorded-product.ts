import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DataSource } from 'typeorm';
import { startGateway } from '#apps/gateway/bootstrap';
import { readGatewayConfig } from '#apps/gateway/gateway.config';
import { startProjector } from '#apps/projector/bootstrap';
import { readProjectorConfig } from '#apps/projector/projector.config';
import { notifies, PostgresCommitHint } from '#platform/messaging';
import { JsonLogger } from '#platform/observability';
import { ProjectionBacklog } from '../support/projection-backlog.ts';

/** Gateway and projector in this process, so that what they send can be seen. */
export class RecordedProduct {
  private constructor(
    readonly url: string,
    readonly token: string,
    private readonly databaseUrl: string,
    private readonly stops: readonly (() => Promise<unknown>)[],
  ) {}

  static async start(databaseUrl: string): Promise<RecordedProduct> {
    const directory = await mkdtemp(path.join(tmpdir(), 'testcast-bench-'));
    const logger = new JsonLogger({ level: 'fatal', name: 'bench' });
    const env = { DATABASE_URL: databaseUrl, DATA_DIR: directory, PORT: '0', STREAM_ENGINE: 'ws' };
    const gateway = await startGateway(readGatewayConfig(env), {
      logger,
      sendHint: (app) => notifies(app.get(DataSource)),
    });
    const projector = await startProjector(readProjectorConfig({ DATABASE_URL: databaseUrl }), {
      logger,
      hint: new PostgresCommitHint(databaseUrl),
      sendHint: (app) => notifies(app.get(DataSource)),
    });
    const token = (await readFile(path.join(directory, 'admin.key'), 'utf8')).trim();
    return new RecordedProduct(gateway.url, token, databaseUrl, [
      () => gateway.stop(),
      () => projector.stop(),
      () => rm(directory, { recursive: true, force: true }),
    ]);
  }

  get streamUrl(): string {
    return `${this.url.replace('http:', 'ws:')}/stream`;
  }

  /** Resolves when every projection reflects the whole log. */
  async projected(): Promise<void> {
    const backlog = await ProjectionBacklog.of(this.databaseUrl);
    try {
      await backlog.gone();
    } finally {
      await backlog.close();
    }
  }

  async stop(): Promise<void> {
    for (const stop of this.stops) await stop();
  }
}
