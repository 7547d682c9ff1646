import type { Project } from '@testcast/contracts';

/** What `projectOf` needs of the table `projects`. */
export const projectColumns = 'project_id, name, default_branch, repository_url, created_at, retention_days';

export interface ProjectRow {
  readonly project_id: string;
  readonly name: string;
  readonly default_branch: string | null;
  readonly repository_url: string | null;
  readonly created_at: Date;
  readonly retention_days: number | null;
}

export function projectOf(row: ProjectRow): Project {
  return {
    projectId: row.project_id,
    name: row.name,
    defaultBranch: row.default_branch ?? undefined,
    repositoryUrl: row.repository_url ?? undefined,
    retentionDays: row.retention_days ?? undefined,
    createdAt: row.created_at.getTime(),
  };
}
