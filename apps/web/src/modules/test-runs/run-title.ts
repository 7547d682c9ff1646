import type { RunSummary } from '@testcast/contracts';

/** What people call a run: its name, else what its commit says, else its id. */
export function runTitle({ name, commitMessage, runId }: RunSummary): string {
  const subject = commitMessage?.split('\n', 1)[0]?.trim();
  return name ?? (subject === undefined || subject === '' ? runId : subject);
}
