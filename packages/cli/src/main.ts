import { readFileSync } from 'node:fs';
import type { Environment } from '@testcast/client/node';
import { Command, CommanderError } from 'commander';
import { exitCodes, UsageError } from './exit-codes.ts';
import type { ServerOptions, UploadOptions } from './settings.ts';
import { upload } from './upload.ts';
import type { Io } from './upload-outcome.ts';
import { watch } from './watch.ts';

/** Runs the command line; answers with the exit code and never throws. */
export async function main(args: readonly string[], env: Environment, io: Io = process): Promise<number> {
  let exitCode: number = exitCodes.ok;
  const program = programOf(env, io, (code) => (exitCode = code));
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Help and the version are thrown too, with code 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    io.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof UsageError ? exitCodes.usage : exitCodes.notAll;
  }
}

function programOf(env: Environment, io: Io, done: (exitCode: number) => void): Command {
  const program = new Command('testcast')
    .description('Send test results to Testcast and watch them arrive.')
    .version(versionOf(), '--version', 'print the version')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) });

  withServer(program.command('upload'))
    .description('Send report files: JUnit XML, CTRF JSON, or NDJSON of result items.')
    .argument('<files...>', 'names or patterns, such as "reports/**/*.xml"')
    .option('--run <id>', 'the run (default: from the CI system, TESTCAST_RUN_ID, else a new one)')
    .option('--shard <id>', 'the part of the run that this job is (TESTCAST_SHARD)')
    .option('--variant <name>', 'browser, device or matrix leg (TESTCAST_VARIANT)')
    .option('--rerun <n>', 'which execution of the job this is (default: from the CI system)')
    .option('--finish', 'the shard, or without one the run, is over after these files')
    .option('--soft', 'exit with 0 and a warning when the server cannot be reached')
    .option('--timeout <seconds>', 'how long to go on in all', '300')
    .action(async (files: string[], options: UploadOptions) => done(await upload(files, options, env, io)));

  withServer(program.command('watch'))
    .description('Print the results of a run as they arrive, until it ends.')
    .argument('<runId>')
    .action(async (runId: string, options: ServerOptions) => done(await watch(runId, options, env, io)));
  return program;
}

function versionOf(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}

function withServer(command: Command): Command {
  return command
    .option('--project <id>', 'the project (TESTCAST_PROJECT)')
    .option('--url <address>', 'the server (TESTCAST_URL; default http://127.0.0.1:4000)')
    .option('--token <token>', 'an API key (TESTCAST_TOKEN; default: the one of a server started in this folder)')
    .option('--json', 'machine-readable output')
    .option('--quiet', 'print only what went wrong');
}
