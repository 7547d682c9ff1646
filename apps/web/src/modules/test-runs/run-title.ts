import type { RunSummary } from '@testcast/contracts';

/** What people call a run: its name, else what its commit says, else its id. */
export function runTitle({ name, commitMessage, runId }: RunSummary): string {
  const subject = commitMessage?.split('\n', 1)[0]?.trim();
  return name ?? (subject === undefined || subject === '' ? shortRunId(runId) : subject);
}

/** The first of a UUID is its time, which runs of the same minute share: its end tells them apart. */
export function shortRunId(runId: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(runId)) return runId;
  return `${runId.slice(0, 8)}…${runId.slice(-4)}`;
}
