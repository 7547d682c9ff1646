import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { TrendsCheck } from '#modules/test-insights';
import { readRunExport, RunCountersCheck, type RunExportCounts, RunRowsCheck } from '#modules/test-runs';
import { connectionOptions, missingMigrations } from '#platform/database';
import { runningPostgresUrl } from '#platform/local-postgres';
import type { Answer } from './answer.ts';
import { type CommandLine, help, parseCommandLine, UsageError } from './command-line.ts';
import { ProgressLine, reasonOf } from '#platform/terminal';
import { readStoreCliConfig, type StoreCliConfig } from './store-cli.config.ts';
import { runCommand } from './store-commands.ts';

async function main(): Promise<number> {
  const commandLine = parseCommandLine(process.argv.slice(2));
  if (commandLine === undefined) {
    process.stdout.write(help);
    return 0;
  }
  // Standard output belongs to the answer.
  const progress = new ProgressLine(process.stderr);
  const answer = await answerTo(commandLine, progress).finally(() => progress.clear());
  process.stdout.write(`${commandLine.json ? JSON.stringify(answer.json) : answer.text}\n`);
  return answer.isWell ? 0 : 1;
}

async function answerTo(commandLine: CommandLine, progress: ProgressLine): Promise<Answer> {
  if (commandLine.file !== undefined) return shownExport(await readRunExport(commandLine.file));
  const config = readStoreCliConfig(process.env);
  // What modules know of their read models.
  const readModels = [
    new RunCountersCheck(),
    new RunRowsCheck(commandLine.runs),
    new TrendsCheck(commandLine.projects),
  ];
  const context = { readModels, progress, exportDir: config.exportDir };
  return onDatabase(config, (dataSource) => runCommand(commandLine, dataSource, context));
}

function shownExport(counts: RunExportCounts): Answer {
  const { projectId, runId, epoch, streams, events, details, types } = counts;
  const lines = [
    `Run ${projectId}/${runId}, of the log ${epoch}: ${events} events in ${streams} streams, ${details} with details.`,
    ...Object.entries(types).map(([type, count]) => `${String(count).padStart(9)}  ${type}`),
  ];
  return { text: lines.join('\n'), json: counts, isWell: true };
}

async function onDatabase(config: StoreCliConfig, work: (dataSource: DataSource) => Promise<Answer>): Promise<Answer> {
  const url = config.databaseUrl ?? (await runningPostgresUrl(config.postgresDir));
  if (url === undefined) {
    throw new Error(`No server is running on ${config.postgresDir}. Start one with npm start, or set DATABASE_URL.`);
  }
  const options = connectionOptions({ url, poolSize: 2, applicationName: 'testcast-store' });
  const dataSource = await new DataSource(options).initialize();
  try {
    const missing = await missingMigrations(dataSource);
    if (missing.length > 0) throw new Error(`The schema lacks ${missing.join(', ')}: run npm run migrate.`);
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${reasonOf(error)}\n`);
    if (error instanceof UsageError) process.stderr.write('npm run store -- --help says more.\n');
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
