import { Controller, Get, HttpCode, Post, Put, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import {
  type ClaimedStatus,
  type ItemResult,
  type ReportContext,
  type RunDescription,
  type RunRef,
  type RunSummary,
  type TestDetail,
  type TestsPage,
  limits,
  runDescriptionSchema,
} from '@testcast/contracts';
import type { Response } from 'express';
import { HttpCaller, JsonBody, Requires, ValidBody, ValidParams, ValidQuery } from '#platform/http';
import type { Caller } from '#platform/kernel';
import { CancelRun } from '../commands/cancel-run.ts';
import { FinishRun } from '../commands/finish-run.ts';
import { ReportResults } from '../commands/report-results.ts';
import { type RunStarted, StartRun } from '../commands/start-run.ts';
import { FindRun } from '../queries/find-run.ts';
import { FindTest } from '../queries/find-test.ts';
import { ListRuns, type RunsFilter, type RunsPage } from '../queries/list-runs.ts';
import { ListTests, type TestsFilter } from '../queries/list-tests.ts';
import { itemsOf } from './item-lines.ts';
import {
  finishBodySchema,
  projectParamsSchema,
  reportQuerySchema,
  resultsBodySchema,
  runParamsSchema,
  runsQuerySchema,
  testParamsSchema,
  testsQuerySchema,
} from './test-runs.schemas.ts';

/** Runs over HTTP. */
@Controller('v1/projects/:projectId/runs')
export class TestRunsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Put(':runId')
  @Requires('write')
  async start(
    @ValidParams(runParamsSchema) ref: RunRef,
    @ValidBody(runDescriptionSchema) description: RunDescription,
    @HttpCaller() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RunStarted> {
    const started = await this.commands.execute(new StartRun(ref, description, caller));
    response.status(started.joined === true ? 200 : 201);
    return started;
  }

  @Post(':runId/results')
  @HttpCode(200)
  @Requires('write')
  // White space may make the body larger than the items are.
  @JsonBody({ maxBytes: limits.clientFrameBytes, lines: true })
  async report(
    @ValidParams(runParamsSchema) ref: RunRef,
    @ValidQuery(reportQuerySchema) context: ReportContext,
    @ValidBody(resultsBodySchema) body: unknown[] | string,
    @HttpCaller() caller: Caller,
  ): Promise<{ results: ItemResult[] }> {
    const results = await this.commands.execute(new ReportResults(ref, itemsOf(body), context, caller));
    return { results };
  }

  @Post(':runId/finish')
  @HttpCode(200)
  @Requires('write')
  async finish(
    @ValidParams(runParamsSchema) ref: RunRef,
    @ValidBody(finishBodySchema) { status }: { status?: ClaimedStatus },
  ): Promise<{ offset: number }> {
    return this.commands.execute(new FinishRun(ref, status));
  }

  @Post(':runId/cancel')
  @HttpCode(200)
  @Requires('write')
  async cancel(@ValidParams(runParamsSchema) ref: RunRef): Promise<{ offset: number }> {
    return this.commands.execute(new CancelRun(ref));
  }

  @Get()
  @Requires('read')
  async list(
    @ValidParams(projectParamsSchema) { projectId }: { projectId: string },
    @ValidQuery(runsQuerySchema) filter: RunsFilter,
  ): Promise<RunsPage> {
    return this.queries.execute(new ListRuns(projectId, filter));
  }

  @Get(':runId')
  @Requires('read')
  async find(@ValidParams(runParamsSchema) ref: RunRef): Promise<RunSummary> {
    return this.queries.execute(new FindRun(ref));
  }

  @Get(':runId/tests')
  @Requires('read')
  async tests(
    @ValidParams(runParamsSchema) ref: RunRef,
    @ValidQuery(testsQuerySchema) filter: TestsFilter,
  ): Promise<TestsPage> {
    return this.queries.execute(new ListTests(ref, filter));
  }

  @Get(':runId/tests/:testKey')
  @Requires('read')
  async test(@ValidParams(testParamsSchema) { testKey, ...ref }: RunRef & { testKey: string }): Promise<TestDetail> {
    return this.queries.execute(new FindTest(ref, testKey));
  }
}
