import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { Project } from '@testcast/contracts';
import { type Caller, holds } from '#platform/kernel';
import { DataSource } from 'typeorm';
import { projectColumns, projectOf, type ProjectRow } from '../project-row.ts';

// $1: the projects that may be seen, or null for all. Ids are compared as bytes, whatever the database's own order is:
// some leave hyphens out, and a client that merges pages by id would find none of them sorted.
const selectProjects = `
  select ${projectColumns}
  from projects
  where ($1::text[] is null or project_id = any($1)) and project_id > $2 collate "C"
  order by project_id collate "C"
  limit $3
`;

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
