import { detectCi, idOf, type CiRun, type Environment } from '@testcast/client/node';
import { projectIdSchema, rerunSchema, runIdSchema } from '@testcast/contracts';
import { UsageError } from './exit-codes.ts';
import { localAdminKey, localKeyFile, localUrl } from './local-server.ts';

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
  /** Where the token was found, as people would look for it. */
  tokenFrom: string;
  projectId: string;
}
export interface UploadSettings extends Server {
  ci: CiRun;
  runId: string;
  /** Nobody said which run this is. */
  isNewRun: boolean;
  rerun: number;
  shardId: string | undefined;
  variant: string | undefined;
  timeoutMs: number;
}

/** Throws UsageError for what is missing or has a wrong form. */
export function serverOf(options: ServerOptions, env: Environment): Server {
  const url = (options.url ?? env['TESTCAST_URL'] ?? '').trim() || localUrl;
  if (!/^https?:\/\/[^/]/.test(url)) throw new UsageError(`The server is no http address: ${url}`);
  return { url: url.replace(/\/+$/, ''), ...tokenOf(options, env, url), projectId: projectOf(options, env) };
}

function tokenOf(options: ServerOptions, env: Environment, url: string): { token: string; tokenFrom: string } {
  const places = [
    [options.token, '--token'],
    [env['TESTCAST_TOKEN'], 'TESTCAST_TOKEN'],
    [localAdminKey(url, env), localKeyFile(env)],
  ] as const;
  for (const [value, tokenFrom] of places) {
    // A line break at the end is what `$(cat key)` and secret stores leave.
    const token = value?.trim() ?? '';
    if (token !== '') return { token, tokenFrom };
    // Named and empty is a mistake, such as a secret that a CI job does not get: the next place must not hide it.
    if (value !== undefined) break;
  }
  throw new UsageError(
    `Say a token: --token or TESTCAST_TOKEN. A server that was started here keeps one in ${localKeyFile(env)}; ` +
      `for any other, who administers the project makes one on the page "Keys".`,
  );
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
    isNewRun: options.run === undefined && ci.provider === undefined && (env['TESTCAST_RUN_ID'] ?? '') === '',
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
