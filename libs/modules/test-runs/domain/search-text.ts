import type { RunDescription, TestRow } from '@testcast/contracts';

/** What a search in a run's tests looks through, in lower case. */
export function searchTextOfTest({ testId, title, suite, variant, owner, tags }: TestRow): string {
  return [testId, title, ...suite, variant, owner, ...(tags ?? [])].filter(Boolean).join('\n').toLowerCase();
}

/** What a search in a project's runs looks through, in lower case. */
export function searchTextOfRun(runId: string, description: RunDescription): string {
  const { name, branch, commit, commitMessage, author, tags, pullRequest } = description;
  const request = pullRequest && `#${pullRequest.number}`;
  return [runId, name, branch, commit, commitMessage, author, request, ...(tags ?? [])]
    .filter(Boolean)
    .join('\n')
    .toLowerCase();
}
