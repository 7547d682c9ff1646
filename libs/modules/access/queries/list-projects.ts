import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { Project } from '@testcast/contracts';
import { type Caller, holds } from '#platform/kernel';
import { DataSource } from 'typeorm';

// $1: the projects that may be seen, or null for all. Ids are compared as bytes, whatever the database's own order is:
// some leave hyphens out, and a client that merges pages by id would find none of them sorted.
const selectProjects = `
  select project_id, name, default_branch, repository_url, created_at
  from projects
  where ($1::text[] is null or project_id = any($1)) and project_id > $2 collate "C"
  order by project_id collate "C"
  limit $3
`;

interface ProjectRow {
  project_id: string;
  name: string;
  default_branch: string | null;
  repository_url: string | null;
  created_at: Date;
}

export interface ProjectsPage {
  readonly items: Project[];
  /** `after` of the next page. */
  readonly next: string | null;
}

/** Projects that the caller may read, by projectId. */
export class ListProjects extends Query<ProjectsPage> {
  constructor(
    readonly caller: Caller,
    readonly after: string,
    readonly limit: number,
  ) {
    super();
  }
}

@QueryHandler(ListProjects)
export class ListProjectsHandler implements IQueryHandler<ListProjects> {
  constructor(private readonly database: DataSource) {}

  async execute({ caller, after, limit }: ListProjects): Promise<ProjectsPage> {
    const visible = holds(caller, 'read', '*') ? null : Object.keys(caller.grants);
    const rows = await this.database.query<ProjectRow[]>(selectProjects, [visible, after, limit + 1]);
    const items = rows.slice(0, limit).map(projectOf);
    return { items, next: rows.length > limit ? items.at(-1)!.projectId : null };
  }
}

function projectOf(row: ProjectRow): Project {
  return {
    projectId: row.project_id,
    name: row.name,
    defaultBranch: row.default_branch ?? undefined,
    repositoryUrl: row.repository_url ?? undefined,
    createdAt: row.created_at.getTime(),
  };
}
