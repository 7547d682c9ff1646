import { CommandBus } from '@nestjs/cqrs';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { type ItemResult, clientMessages } from '@testcast/contracts';
import { type Caller, requireRole } from '#platform/kernel';
import { FromCaller, Payload } from '#platform/realtime';
import type { z } from 'zod';
import { CancelRun } from '../commands/cancel-run.ts';
import { FinishRun } from '../commands/finish-run.ts';
import { ReportResults } from '../commands/report-results.ts';
import { type RunStarted, StartRun } from '../commands/start-run.ts';

const { 'run.start': start, 'run.finish': finish, 'run.cancel': cancel, 'results.report': report } = clientMessages;

/** Runs over the socket. Grants are looked at before anything else: who may not write learns nothing of what exists. */
@WebSocketGateway()
export class TestRunsGateway {
  constructor(private readonly commands: CommandBus) {}

  @SubscribeMessage('run.start')
  async start(
    @Payload(start) { projectId, runId, ...description }: z.infer<typeof start>,
    @FromCaller() caller: Caller,
  ): Promise<RunStarted> {
    requireRole(caller, 'write', projectId);
    return this.commands.execute(new StartRun({ projectId, runId }, description, caller));
  }

  @SubscribeMessage('run.finish')
  async finish(
    @Payload(finish) { status, ...ref }: z.infer<typeof finish>,
    @FromCaller() caller: Caller,
  ): Promise<{ offset: number }> {
    requireRole(caller, 'write', ref.projectId);
    return this.commands.execute(new FinishRun(ref, status));
  }

  @SubscribeMessage('run.cancel')
  async cancel(
    @Payload(cancel) ref: z.infer<typeof cancel>,
    @FromCaller() caller: Caller,
  ): Promise<{ offset: number }> {
    requireRole(caller, 'write', ref.projectId);
    return this.commands.execute(new CancelRun(ref));
  }

  @SubscribeMessage('results.report')
  async report(
    @Payload(report) { projectId, runId, items, ...context }: z.infer<typeof report>,
    @FromCaller() caller: Caller,
  ): Promise<{ results: ItemResult[] }> {
    requireRole(caller, 'write', projectId);
    const results = await this.commands.execute(new ReportResults({ projectId, runId }, items, context, caller));
    return { results };
  }
}
