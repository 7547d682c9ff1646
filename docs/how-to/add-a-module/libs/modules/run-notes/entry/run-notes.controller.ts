import { Controller, Get } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { runRefSchema } from '@testcast/contracts';
import { Requires, ValidParams } from '#platform/http';
import type { z } from 'zod';
import type { Note } from '../contracts.ts';
import { ListNotes } from '../queries/list-notes.ts';

/** Notes over HTTP. */
@Controller('v1/projects/:projectId/runs/:runId/notes')
export class RunNotesController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @Requires('read')
  async list(
    @ValidParams(runRefSchema) { projectId, runId }: z.infer<typeof runRefSchema>,
  ): Promise<{ items: Note[] }> {
    return { items: await this.queries.execute(new ListNotes(projectId, runId)) };
  }
}
