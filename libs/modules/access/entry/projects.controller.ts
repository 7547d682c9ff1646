import { Controller, Get, Patch, Post } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { linkSchema, type Project, projectIdSchema, retentionDaysSchema } from '@testcast/contracts';
import { Authenticated, HttpCaller, Requires, ValidBody, ValidParams, ValidQuery } from '#platform/http';
import { type Caller, requireRole } from '#platform/kernel';
import { z } from 'zod';
import { ChangeProject } from '../commands/change-project.ts';
import { CreateProject } from '../commands/create-project.ts';
import { ListProjects, type ProjectsPage } from '../queries/list-projects.ts';

const newProjectSchema = z.object({
  projectId: projectIdSchema,
  name: z.string().trim().min(1).max(200).optional(),
  defaultBranch: z.string().min(1).max(500).optional(),
  repositoryUrl: linkSchema.optional(),
});
const projectParamsSchema = z.object({ projectId: projectIdSchema });
const changeSchema = z.object({ retentionDays: retentionDaysSchema.nullable() });
const pageSchema = z.object({
  after: z.string().max(64).default(''),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});

@Controller('v1/projects')
export class ProjectsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post()
  @Authenticated()
  async create(
    @ValidBody(newProjectSchema) { projectId, ...description }: z.infer<typeof newProjectSchema>,
    @HttpCaller() caller: Caller,
  ): Promise<Project> {
    requireRole(caller, 'admin', projectId);
    return this.commands.execute(new CreateProject(projectId, description));
  }

  @Patch(':projectId')
  @Requires('admin')
  async change(
    @ValidParams(projectParamsSchema) { projectId }: z.infer<typeof projectParamsSchema>,
    @ValidBody(changeSchema) change: z.infer<typeof changeSchema>,
  ): Promise<Project> {
    return this.commands.execute(new ChangeProject(projectId, change));
  }

  @Get()
  @Authenticated()
  async list(
    @ValidQuery(pageSchema) { after, limit }: z.infer<typeof pageSchema>,
    @HttpCaller() caller: Caller,
  ): Promise<ProjectsPage> {
    return this.queries.execute(new ListProjects(caller, after, limit));
  }
}
