import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Project } from '@testcast/contracts';
import { DomainError } from '#platform/kernel';
import { DataSource } from 'typeorm';
import { projectColumns, projectOf, type ProjectRow } from '../project-row.ts';

/** $1 project_id, $2 retention_days. */
const updateProject = `
  update projects set retention_days = $2 where project_id = $1 returning ${projectColumns}
`;

export interface ProjectChange {
  /** Days for which runs are kept after their end; 0 = for ever, null = as the server is set. */
  readonly retentionDays: number | null;
}

/** Changes what a project is set to. Throws `project.unknown`. */
export class ChangeProject extends Command<Project> {
  constructor(
    readonly projectId: string,
    readonly change: ProjectChange,
  ) {
    super();
  }
}

@CommandHandler(ChangeProject)
export class ChangeProjectHandler implements ICommandHandler<ChangeProject> {
  constructor(private readonly database: DataSource) {}

  async execute({ projectId, change }: ChangeProject): Promise<Project> {
    const [rows] = await this.database.query<[ProjectRow[], number]>(updateProject, [projectId, change.retentionDays]);
    const [row] = rows;
    if (row === undefined) throw new DomainError('project.unknown', `There is no project ${projectId}.`);
    return projectOf(row);
  }
}
