import type { RunStatus } from '@testcast/contracts';
import type { ShownOutcome } from './store/shown-outcome.ts';

// As lists of their own: those of the contracts bring their schemas, and with them a library that the page has no use for.
export const runStatusWords: readonly RunStatus[] = ['running', 'passed', 'failed', 'interrupted', 'cancelled'];
export const outcomeWords: readonly ShownOutcome[] = ['failed', 'flaky', 'passed', 'skipped', 'pending', 'running'];

/** What the address of a list of runs says. */
export interface RunsSearch {
  readonly branch?: string | undefined;
  readonly status?: RunStatus | undefined;
  readonly q?: string | undefined;
}

/** What the address of a run says. `test`: the testKey of the test that is opened beside the list. */
export interface RunSearch {
  readonly outcome?: ShownOutcome | undefined;
  readonly q?: string | undefined;
  readonly test?: string | undefined;
}

/** Addresses are typed and cut by people: what is not known is passed over. */
export function runsSearch(search: Record<string, unknown>): RunsSearch {
  return {
    branch: textOf(search['branch']),
    status: runStatusWords.find((status) => status === search['status']),
    q: textOf(search['q']),
  };
}

export function runSearch(search: Record<string, unknown>): RunSearch {
  return {
    outcome: outcomeWords.find((outcome) => outcome === search['outcome']),
    q: textOf(search['q']),
    test: textOf(search['test']),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, 200) : undefined;
}
