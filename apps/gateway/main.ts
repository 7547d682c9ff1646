import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { migrateDatabase } from '#platform/database';
import { notifies, PostgresCommitHint } from '#platform/messaging';
import { JsonLogger } from '#platform/observability';
import { UwsMissing } from '#platform/realtime';
import { DataSource } from 'typeorm';
import { type RunningGateway, startGateway } from './bootstrap.ts';
import { ConfigurationError } from './environment.ts';
import { readGatewayConfig } from './gateway.config.ts';

/** Milliseconds that a start may take to its end once it is told to stop, so that it can be stopped in order. */
const startWithinMs = 10_000;

let logger: JsonLogger | undefined;
let starting: Promise<RunningGateway> | undefined;
let stopping = false;

function stop(): void {
  // Told twice: the one who tells does not want to wait.
  if (stopping) process.exit(1);
  stopping = true;
  // Nothing listens; a migration that is cut off is rolled back.
  if (starting === undefined) process.exit(0);
  const cut = setTimeout(() => process.exit(1), startWithinMs);
  starting
    .then((gateway) => {
      clearTimeout(cut);
      return gateway.stop();
    })
    .then(
      () => process.exit(0),
      (error: unknown) => {
        logger?.error(error);
        process.exit(1);
      },
    );
}

async function main(): Promise<void> {
  // Before anything listens: whoever sees that it serves may tell it to stop in the same moment.
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  const config = readGatewayConfig(process.env);
  logger = new JsonLogger({ level: config.logLevel, name: 'gateway' });
  // Of all processes that start together one brings the schema, the others wait for it.
  await migrateDatabase(config.databaseUrl);
  const sender = randomUUID();
  starting = startGateway(config, {
    logger,
    sendHint: (app) => notifies(app.get(DataSource), sender),
    hint: new PostgresCommitHint(config.databaseUrl, sender),
  });
  const gateway = await starting;
  logger.log(`listening on ${gateway.url}`);
  if (gateway.streamPort !== undefined) logger.log(`sockets are on port ${gateway.streamPort}, by uWebSockets.js`);
  if (gateway.metricsPort !== undefined) logger.log(`metrics are on port ${gateway.metricsPort}`);
}

main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof ConfigurationError || error instanceof UwsMissing ? error.message : String((error as Error).stack ?? error)}\n`,
  );
  process.exit(1);
});
