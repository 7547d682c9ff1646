import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { type RunRef, rerunSchema, runRefSchema, shardIdSchema, variantSchema } from '@testcast/contracts';
import type { Request } from 'express';
import { HttpCaller, Requires, StreamedBody, ValidParams, ValidQuery } from '#platform/http';
import { type Caller, DomainError } from '#platform/kernel';
import { z } from 'zod';
import { ReportFile } from './report-file.ts';
import type { ReportFileReply } from './report-tally.ts';

const querySchema = z.object({
  shard: shardIdSchema.optional(),
  variant: variantSchema.optional(),
  rerun: z.coerce.number().pipe(rerunSchema).optional(),
  finish: z.enum(['true', 'false']).optional(),
});

@Controller('v1/projects/:projectId/runs/:runId/reports')
export class ReportsController {
  constructor(private readonly commands: CommandBus) {}

  @Post()
  @HttpCode(200)
  @Requires('write')
  @StreamedBody()
  async report(
    @ValidParams(runRefSchema) ref: RunRef,
    @ValidQuery(querySchema) { shard, variant, rerun, finish }: z.infer<typeof querySchema>,
    @Req() request: Request,
    @HttpCaller() caller: Caller,
  ): Promise<ReportFileReply> {
    refuseWrapped(request);
    // Not to be destroyed where reading stops early: the answer that says why goes over the same socket.
    const body = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
    return this.commands.execute(
      new ReportFile(ref, body, { shardId: shard, variant, rerun }, finish === 'true', caller),
    );
  }
}

// What a form or another compression wraps would be called unreadable, which helps nobody. `--data-binary` of curl says
// x-www-form-urlencoded and sends the file as it is.
function refuseWrapped({ headers }: Request): void {
  if (/^multipart\//i.test(headers['content-type'] ?? '')) {
    throw new DomainError(
      'request.unsupported-type',
      'Send the report itself as the body (curl --data-binary @file), not a form.',
    );
  }
  if (!/^(?:|identity|gzip|x-gzip)$/i.test(headers['content-encoding'] ?? '')) {
    throw new DomainError('request.unsupported-type', 'A report may be compressed with gzip.');
  }
}
