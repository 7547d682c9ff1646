import { detectCi, idOf, type CiRun, type Environment } from '@testcast/client/node';
import { projectIdSchema, rerunSchema, runIdSchema } from '@testcast/contracts';
import { UsageError } from './exit-codes.ts';
import { localAdminKey, localUrl } from './local-server.ts';

/** Options that all commands take, as commander reads them. */
export interface ServerOptions {
  url?: string;
  token?: string;
  project?: string;
  json?: boolean;
  quiet?: boolean;
}
export interface UploadOptions extends ServerOptions {
  run?: string;
  shard?: string;
  variant?: string;
  rerun?: string;
  finish?: boolean;
  soft?: boolean;
  timeout: string;
}

export interface Server {
  url: string;
  token: string;
  projectId: string;
}
export interface UploadSettings extends Server {
  ci: CiRun;
  runId: string;
  rerun: number;
  shardId: string | undefined;
  variant: string | undefined;
  timeoutMs: number;
}

/** Throws UsageError for what is missing or has a wrong form. */
export function serverOf(options: ServerOptions, env: Environment): Server {
  const url = (options.url ?? env['TESTCAST_URL'] ?? '').trim() || localUrl;
  if (!/^https?:\/\/[^/]/.test(url)) throw new UsageError(`The server is no http address: ${url}`);
  const given = options.token ?? env['TESTCAST_TOKEN'] ?? localAdminKey(url, env);
  const token = required(given, 'a token', '--token', 'TESTCAST_TOKEN');
  // A line break at the end is what `$(cat key)` and secret stores leave.
  return { url: url.replace(/\/+$/, ''), token: token.trim(), projectId: projectOf(options, env) };
}

function projectOf(options: ServerOptions, env: Environment): string {
  const id = required(options.project ?? env['TESTCAST_PROJECT'], 'a project', '--project', 'TESTCAST_PROJECT');
  const parsed = projectIdSchema.safeParse(id);
  if (!parsed.success) throw new UsageError(`"${id}" is no project: ${parsed.error.issues[0]!.message}.`);
  return id;
}

/** Throws UsageError. What the command line does not say comes from the environment. */
export function uploadSettingsOf(options: UploadOptions, env: Environment): UploadSettings {
  const ci = detectCi(env);
  const seconds = Number(options.timeout);
  if (!(seconds > 0 && seconds <= 86_400)) throw new UsageError('--timeout is a number of seconds, up to 86400.');
  return {
    ...serverOf(options, env),
    ci,
    runId: options.run === undefined ? ci.runId : runIdOf(options.run),
    rerun: options.rerun === undefined ? ci.rerun : rerunOf(options.rerun),
    // Names of CI jobs, such as "unit (2/4)", are what people have at hand.
    shardId: idOf(options.shard ?? env['TESTCAST_SHARD']),
    variant: options.variant ?? (env['TESTCAST_VARIANT'] === '' ? undefined : env['TESTCAST_VARIANT']),
    timeoutMs: seconds * 1000,
  };
}

export function runIdOf(text: string): string {
  const parsed = runIdSchema.safeParse(text);
  if (!parsed.success) throw new UsageError(`"${text}" is no run: ${parsed.error.issues[0]!.message}.`);
  return text;
}

function rerunOf(text: string): number {
  const parsed = rerunSchema.safeParse(Number(text));
  if (!parsed.success) throw new UsageError('--rerun is a whole number from 1.');
  return parsed.data;
}

function required(value: string | undefined, what: string, option: string, variable: string): string {
  if (value === undefined || value.trim() === '') throw new UsageError(`Say ${what}: ${option} or ${variable}.`);
  return value.trim();
}
