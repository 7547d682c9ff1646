import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { migrateDatabase } from '#platform/database';
import { notifies, PostgresCommitHint } from '#platform/messaging';
import { JsonLogger } from '#platform/observability';
import { DataSource } from 'typeorm';
import { startGateway } from './bootstrap.ts';
import { ConfigurationError, settingsWithoutEffect } from './environment.ts';
import { readGatewayConfig, unusedSettings } from './gateway.config.ts';

async function main(): Promise<void> {
  const config = readGatewayConfig(process.env);
  const logger = new JsonLogger({ level: config.logLevel, name: 'gateway' });
  for (const name of settingsWithoutEffect(unusedSettings, process.env))
    logger.warn(`${name} is set but has no effect`);
  // Of all processes that start together one brings the schema, the others wait for it.
  await migrateDatabase(config.databaseUrl);
  const sender = randomUUID();
  const gateway = await startGateway(config, {
    logger,
    sendHint: (app) => notifies(app.get(DataSource), sender),
    hint: new PostgresCommitHint(config.databaseUrl, sender),
  });
  logger.log(`listening on ${gateway.url}`);
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
    `${error instanceof ConfigurationError ? error.message : String((error as Error).stack ?? error)}\n`,
  );
  process.exit(1);
});
