import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Project } from '@testcast/contracts';
import { Clock, DomainError } from '#platform/kernel';
import { DataSource } from 'typeorm';
import { KnownProjects } from '../known-projects.ts';
import { insertProject } from './insert-project.sql.ts';

export interface ProjectDescription {
  readonly name?: string | undefined;
  readonly defaultBranch?: string | undefined;
  readonly repositoryUrl?: string | undefined;
}

/** Throws `project.exists`. The name is the projectId where none is given. */
export class CreateProject extends Command<Project> {
  constructor(
    readonly projectId: string,
    readonly description: ProjectDescription,
  ) {
    super();
  }
}

@CommandHandler(CreateProject)
export class CreateProjectHandler implements ICommandHandler<CreateProject> {
  constructor(
    private readonly known: KnownProjects,
    private readonly database: DataSource,
    private readonly clock: Clock,
  ) {}

  async execute({ projectId, description }: CreateProject): Promise<Project> {
    const createdAt = this.clock.now();
    const { name = projectId, defaultBranch, repositoryUrl } = description;
    const created = await this.database.query<unknown[]>(insertProject, [
      projectId,
      name,
      defaultBranch ?? null,
      repositoryUrl ?? null,
      new Date(createdAt),
    ]);
    if (created.length === 0) throw new DomainError('project.exists', `There is a project ${projectId} already.`);
    this.known.add(projectId);
    return { projectId, name, defaultBranch, repositoryUrl, createdAt };
  }
}
