import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { DomainError } from '#platform/kernel';
import { KnownProjects } from '../known-projects.ts';

/** Passes when the project exists. Throws `project.unknown`. */
export class RequireProject extends Query<void> {
  constructor(readonly projectId: string) {
    super();
  }
}

@QueryHandler(RequireProject)
export class RequireProjectHandler implements IQueryHandler<RequireProject> {
  constructor(private readonly known: KnownProjects) {}

  async execute({ projectId }: RequireProject): Promise<void> {
    if (await this.known.has(projectId)) return;
    throw new DomainError('project.unknown', `There is no project ${projectId}.`);
  }
}
