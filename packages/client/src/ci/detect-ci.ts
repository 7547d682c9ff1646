import type { RunDescription } from '@testcast/contracts';
import { uuidV7 } from '../uuid-v7.ts';
import { valueOf, type CiProvider, type Environment } from './ci-provider.ts';
import { ciProviders } from './ci-providers.ts';

export interface CiRun {
  /** `github`, `gitlab`, …; undefined outside the known systems. */
  provider: string | undefined;
  runId: string;
  rerun: number;
  jobUrl?: string | undefined;
  /** What the environment tells about the run, as `startRun` takes it. */
  description: RunDescription;
}

/**
 * What the environment says about the build that this process is part of. `TESTCAST_RUN_ID`, `TESTCAST_RERUN`,
 * `TESTCAST_RUN_NAME`, `TESTCAST_BRANCH`, `TESTCAST_COMMIT`, `TESTCAST_AUTHOR` and `TESTCAST_BUILD_URL` override it.
 * Outside CI the runId is a new UUID of version 7.
 */
export function detectCi(env: Environment): CiRun {
  const provider = ciProviders.find(({ detect }) => detect(env));
  const own = (name: string): string | undefined => valueOf([`TESTCAST_${name}`], env);
  return {
    provider: provider?.name,
    runId: idOf(own('RUN_ID')) ?? runIdOf(provider, env) ?? uuidV7(),
    rerun: counterOf(own('RERUN')) ?? counterOf(valueOf(provider?.rerun, env)) ?? 1,
    jobUrl: urlOf(valueOf(provider?.jobUrl, env)),
    description: defined({
      name: clip(own('RUN_NAME'), 500),
      branch: clip(own('BRANCH') ?? valueOf(provider?.branch, env), 500),
      commit: clip(own('COMMIT') ?? valueOf(provider?.commit, env), 100),
      commitMessage: clip(valueOf(provider?.commitMessage, env), 2000),
      author: clip(own('AUTHOR') ?? valueOf(provider?.author, env), 200),
      url: urlOf(own('BUILD_URL') ?? valueOf(provider?.url, env)),
      repositoryUrl: urlOf(valueOf(provider?.repositoryUrl, env)),
      trigger: clip(valueOf(provider?.trigger, env), 200),
      pullRequest: pullRequestOf(provider, env),
    }),
  };
}

function runIdOf(provider: CiProvider | undefined, env: Environment): string | undefined {
  if (provider === undefined) return undefined;
  const parts = provider.runId.map((name) => idOf(valueOf([name], env)));
  // A part that is missing would make builds share a run.
  if (parts.includes(undefined)) return undefined;
  return idOf(`${provider.name}-${parts.join('-')}`);
}

function pullRequestOf({ pullRequest }: Partial<CiProvider> = {}, env: Environment): RunDescription['pullRequest'] {
  const number = counterOf(valueOf(pullRequest?.number, env));
  if (pullRequest === undefined || number === undefined) return undefined;
  const targetBranch = clip(valueOf(pullRequest.targetBranch, env), 500);
  return defined({ number, url: urlOf(valueOf(pullRequest.url, env)), targetBranch });
}

/** A runId or shardId of any text: other characters become "-". */
export function idOf(text: string | undefined): string | undefined {
  const id = text
    ?.replace(/[^A-Za-z0-9._~-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 128);
  return id === '' ? undefined : id;
}

function counterOf(text: string | undefined): number | undefined {
  const number = Number(text);
  return Number.isSafeInteger(number) && number >= 1 ? number : undefined;
}

// A field that the server would not take costs the whole description; cut or left out, it costs nothing.
function clip(text: string | undefined, length: number): string | undefined {
  return text === undefined || text === '' ? undefined : text.slice(0, length);
}

/** An http address without credentials: clone addresses hold tokens. `git@host:path` becomes https. */
function urlOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const ssh = /^(?:ssh:\/\/)?git@([^:/]+)[:/](.+)$/.exec(text);
  try {
    const url = new URL(ssh === null ? text : `https://${ssh[1]}/${ssh[2]}`);
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined;
    url.username = '';
    url.password = '';
    const clean = url.toString();
    return clean.length <= 2000 ? clean.replace(/\.git$/, '') : undefined;
  } catch {
    return undefined;
  }
}

function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as T;
}
