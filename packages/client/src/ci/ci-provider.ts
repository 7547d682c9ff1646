/** The environment of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What a CI system tells its jobs. Each field names the variables that may hold it, the first that is set counts; what
 * has to be put together is a function.
 */
export interface CiProvider {
  /** Begins the runId. */
  readonly name: string;
  readonly title: string;
  readonly detect: (env: Environment) => boolean;
  /** The same for all jobs of a build; joined by "-". */
  readonly runId: readonly string[];
  /** Grows with each execution of a job; without it a repeated job needs `TESTCAST_RERUN`, or has a new runId. */
  readonly rerun?: Source | undefined;
  readonly branch?: Source | undefined;
  readonly commit?: Source | undefined;
  readonly commitMessage?: Source | undefined;
  readonly url?: Source | undefined;
  readonly jobUrl?: Source | undefined;
  readonly repositoryUrl?: Source | undefined;
  readonly author?: Source | undefined;
  readonly trigger?: Source | undefined;
  readonly pullRequest?: { number: Source; url?: Source | undefined; targetBranch?: Source | undefined } | undefined;
}

export type Source = readonly string[] | ((env: Environment) => string | undefined);

/** The value of a source; empty counts as unset. */
export function valueOf(source: Source | undefined, env: Environment): string | undefined {
  if (source === undefined) return undefined;
  if (typeof source === 'function') return source(env);
  for (const name of source) {
    const value = env[name]?.trim();
    if (value !== undefined && value !== '') return value;
  }
  return undefined;
}

/** Fills `{NAME}` from the environment; undefined when one is not set. */
export function pattern(text: string): (env: Environment) => string | undefined {
  return (env) => {
    let complete = true;
    const filled = text.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = env[name] ?? '';
      if (value === '') complete = false;
      return value;
    });
    return complete ? filled : undefined;
  };
}
