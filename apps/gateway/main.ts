import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { migrateDatabase } from '#platform/database';
import { notifies, PostgresCommitHint } from '#platform/messaging';
import { JsonLogger } from '#platform/observability';
import { UwsMissing } from '#platform/realtime';
import { DataSource } from 'typeorm';
import { startGateway } from './bootstrap.ts';
import { ConfigurationError } from './environment.ts';
import { readGatewayConfig } from './gateway.config.ts';

async function main(): Promise<void> {
  const config = readGatewayConfig(process.env);
  const logger = new JsonLogger({ level: config.logLevel, name: 'gateway' });
  // Of all processes that start together one brings the schema, the others wait for it.
  await migrateDatabase(config.databaseUrl);
  const sender = randomUUID();
  const gateway = await startGateway(config, {
    logger,
    sendHint: (app) => notifies(app.get(DataSource), sender),
    hint: new PostgresCommitHint(config.databaseUrl, sender),
  });
  logger.log(`listening on ${gateway.url}`);
  if (gateway.streamPort !== undefined) logger.log(`sockets are on port ${gateway.streamPort}, by uWebSockets.js`);
  if (gateway.metricsPort !== undefined) logger.log(`metrics are on port ${gateway.metricsPort}`);
  let signals = 0;
  const onSignal = (): void => {
    signals += 1;
    if (signals > 1) process.exit(1);
    gateway.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof ConfigurationError || error instanceof UwsMissing ? error.message : String((error as Error).stack ?? error)}\n`,
  );
  process.exit(1);
});
