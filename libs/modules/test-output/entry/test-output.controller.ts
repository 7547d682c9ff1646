import { Controller, Get } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { type OutputPage, outputWithoutTest, runRefSchema, testKeySchema } from '@testcast/contracts';
import { Requires, ValidParams, ValidQuery } from '#platform/http';
import { z } from 'zod';
import { ListOutput, type OutputFilter } from '../queries/list-output.ts';

const paramsSchema = runRefSchema.extend({ testKey: z.union([testKeySchema, z.literal(outputWithoutTest)]) });
const querySchema = z.object({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});

/** Output over HTTP, straight from the log. */
@Controller('v1/projects/:projectId/runs/:runId/tests/:testKey/output')
export class TestOutputController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @Requires('read')
  async list(
    @ValidParams(paramsSchema) { testKey, ...ref }: z.infer<typeof paramsSchema>,
    @ValidQuery(querySchema) filter: OutputFilter,
  ): Promise<OutputPage> {
    return this.queries.execute(new ListOutput(ref, testKey, filter));
  }
}
