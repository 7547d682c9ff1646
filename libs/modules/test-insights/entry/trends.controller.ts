import { Controller, Get } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { type Trends, type TrendsQuery, projectIdSchema, trendsQuerySchema } from '@testcast/contracts';
import { Requires, ValidParams, ValidQuery } from '#platform/http';
import { z } from 'zod';
import { ReadTrends } from '../queries/read-trends.ts';

const paramsSchema = z.object({ projectId: projectIdSchema });

/** Roll-ups over HTTP. */
@Controller('v1/projects/:projectId/trends')
export class TrendsController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @Requires('read')
  async read(
    @ValidParams(paramsSchema) { projectId }: z.infer<typeof paramsSchema>,
    @ValidQuery(trendsQuerySchema) query: TrendsQuery,
  ): Promise<Trends> {
    return this.queries.execute(new ReadTrends(projectId, query));
  }
}
