import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type Caller, Clock, DomainError, holds } from '#platform/kernel';
import { DataSource } from 'typeorm';
import { KnownProjects } from '../known-projects.ts';
import { insertProject } from './insert-project.sql.ts';

/**
 * Before something is written to a project: passes when it exists; creates it when the caller is admin of all projects.
 * Throws `project.unknown`. Whether the caller may write is checked elsewhere.
 */
export class EnsureProject extends Command<void> {
  constructor(
    readonly projectId: string,
    readonly caller: Caller,
  ) {
    super();
  }
}

@CommandHandler(EnsureProject)
export class EnsureProjectHandler implements ICommandHandler<EnsureProject> {
  constructor(
    private readonly known: KnownProjects,
    private readonly database: DataSource,
    private readonly clock: Clock,
  ) {}

  async execute({ projectId, caller }: EnsureProject): Promise<void> {
    if (await this.known.has(projectId)) return;
    if (!holds(caller, 'admin', '*')) throw new DomainError('project.unknown', `There is no project ${projectId}.`);
    // Many shards start at once; whoever comes second finds the row.
    await this.database.query(insertProject, [projectId, projectId, null, null, new Date(this.clock.now())]);
    this.known.add(projectId);
  }
}
