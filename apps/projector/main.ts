import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { connectionOptions, isUnreachable, waitForSchema } from '#platform/database';
import { type CommitHint, hintsTo, IpcCommitHint, notifies, PostgresCommitHint } from '#platform/messaging';
import { answerForMetrics, JsonLogger } from '#platform/observability';
import { type ProjectorOptions, type RunningProjector, startProjector } from './bootstrap.ts';
import { readProjectorConfig } from './projector.config.ts';

/** Milliseconds: one that cannot end its work ends without it, which loses nothing. */
const stopWithinMs = 10_000;
const startWithinMs = 60_000;

/** Whoever forked us: it sends hints, and we do not outlive it. */
const isChild = process.send !== undefined;
let logger: JsonLogger | undefined;
let starting: Promise<RunningProjector> | undefined;
const abort = new AbortController();

function stop(reason: string): void {
  // Told twice: the one who tells does not want to wait.
  if (abort.signal.aborted) process.exit(1);
  abort.abort();
  logger?.log(`stopping: ${reason}`);
  setTimeout(() => process.exit(1), stopWithinMs).unref();
  if (starting === undefined) process.exit(0);
  // A start that was given up has stopped what it had begun.
  starting
    .then((projector) => projector.stop().catch(fail))
    .then(
      () => process.exit(0),
      () => process.exit(0),
    );
}

function fail(error: unknown): void {
  if (logger === undefined) process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  else logger.fatal(error);
  process.exit(1);
}

/** Another process migrates: until the schema fits, a query could meet a table that is not there. */
async function schemaIsThere(url: string): Promise<void> {
  const deadline = performance.now() + startWithinMs;
  for (;;) {
    const database = new DataSource(
      connectionOptions({ url, poolSize: 1, applicationName: 'testcast-projector-start' }),
    );
    try {
      await database.initialize();
      await waitForSchema(database, { within: Math.max(0, deadline - performance.now()) });
      return;
    } catch (error) {
      if (!isUnreachable(error) || performance.now() > deadline) throw error;
      await delay(500);
    } finally {
      if (database.isInitialized) await database.destroy();
    }
  }
}

async function main(): Promise<void> {
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  if (isChild) process.on('disconnect', () => stop('the parent is gone'));
  // A parent that was killed while our code loaded is gone before anybody listened.
  if (isChild && !process.connected) return stop('the parent is gone');
  const config = readProjectorConfig(process.env);
  logger = new JsonLogger({ level: config.logLevel, name: 'projector' });
  await schemaIsThere(config.databaseUrl);
  const hint: CommitHint = isChild ? new IpcCommitHint() : new PostgresCommitHint(config.databaseUrl);
  const sendHint: ProjectorOptions['sendHint'] = (app) => (isChild ? hintsTo(process) : notifies(app.get(DataSource)));
  starting = startProjector(config, { logger, hint, sendHint, abort: abort.signal });
  const projector = await starting;
  if (isChild) answerForMetrics(projector.scrape);
  logger.log(projector.url === undefined ? 'projections run' : `projections run, metrics on ${projector.url}/metrics`);
  process.send?.({ type: 'ready' }, undefined, undefined, () => undefined);
}

main().catch((error: unknown) => {
  if (!abort.signal.aborted) fail(error);
});
