import { createHash } from 'node:crypto';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { ItemResult, ReportContext, ResultItemInput, RunRef } from '@testcast/contracts';
import { EnsureProject } from '#modules/access';
import { type Caller, Clock, DomainError } from '#platform/kernel';
import { FinishRun } from '../commands/finish-run.ts';
import { OpenRun } from '../commands/open-run.ts';
import { ReportResults } from '../commands/report-results.ts';
import { type ReportSummary, readReport } from './format/read-report.ts';
import type { ReportItemsContext } from './format/report-items.ts';
import { batched } from './intake/batched.ts';
import { ReportPermits } from './intake/report-permits.ts';
import { type SpooledReport, spooled } from './intake/report-spool.ts';
import { steadily } from './intake/steadily.ts';
import { type ReportFileReply, ReportTally } from './report-tally.ts';

/**
 * Stores the results of one report file. The file is spooled and read to its end before the first result is appended:
 * what is unreadable, cut off, refused or too large leaves nothing behind. Throws `report.*`, `request.too-large`,
 * `request.too-slow`, `rate.exceeded`, `project.unknown`, and temporary errors, after which sending the file again is safe.
 */
export class ReportFile extends Command<ReportFileReply> {
  constructor(
    readonly ref: RunRef,
    readonly body: AsyncIterable<Uint8Array>,
    readonly context: ReportContext,
    /** With a shard: its start and end go around the results. Without: the run ends after them. */
    readonly finish: boolean,
    readonly caller: Caller,
  ) {
    super();
  }
}

@CommandHandler(ReportFile)
export class ReportFileHandler implements ICommandHandler<ReportFile> {
  constructor(
    private readonly commands: CommandBus,
    private readonly clock: Clock,
    private readonly permits: ReportPermits,
  ) {}

  async execute(command: ReportFile): Promise<ReportFileReply> {
    await this.commands.execute(new EnsureProject(command.ref.projectId, command.caller));
    const { toReceive, toParse } = this.permits;
    return toReceive.run(() =>
      spooled(steadily(command.body), (report) => toParse.run(() => this.store(command, report))),
    );
  }

  private async store(command: ReportFile, report: SpooledReport): Promise<ReportFileReply> {
    const context = {
      digest: digestOf(report, command.context),
      variant: command.context.variant,
      receivedAt: this.clock.now(),
    };
    const summary = await this.check(report, context);
    const tally = new ReportTally(summary);
    await this.begin(command, summary, context.receivedAt, tally);
    for await (const batch of batched(readReport(report.read(), context))) {
      tally.count(batch, await this.report(command, batch));
    }
    if (command.finish) await this.end(command, context.receivedAt, tally);
    return tally.reply();
  }

  /** Reads the report to its end without keeping anything but what it says of itself. */
  private async check(report: SpooledReport, context: ReportItemsContext): Promise<ReportSummary> {
    const reading = readReport(report.read(), context);
    for (;;) {
      const { value, done } = await reading.next();
      if (done === true) return value;
    }
  }

  private async begin(
    command: ReportFile,
    { tests, items }: ReportSummary,
    at: number,
    tally: ReportTally,
  ): Promise<void> {
    const { ref, context, finish } = command;
    if (finish && context.shardId !== undefined) {
      const started = { kind: 'shard.started', shardId: context.shardId, at, expectedTests: tests } as const;
      tally.note([started], await this.report(command, [started]));
    } else if (items === 0) {
      // A report without a test is the report of a run that had none, which is not the same as no run.
      await this.commands.execute(new OpenRun(ref, context.rerun ?? 1));
    }
  }

  private async end(command: ReportFile, at: number, tally: ReportTally): Promise<void> {
    const { ref, context } = command;
    if (context.shardId !== undefined) {
      const finished = { kind: 'shard.finished', shardId: context.shardId, at } as const;
      tally.note([finished], await this.report(command, [finished]));
      return;
    }
    try {
      await this.commands.execute(new FinishRun(ref, undefined));
    } catch (error) {
      // Someone ended the run in another way; its results are stored and count all the same.
      if (!(error instanceof DomainError) || error.code !== 'run.already-ended') throw error;
      tally.problem(error.code, error.message);
    }
  }

  private report({ ref, context, caller }: ReportFile, items: readonly ResultItemInput[]): Promise<ItemResult[]> {
    return this.commands.execute(new ReportResults(ref, items, context, caller));
  }
}

function digestOf({ sha256 }: SpooledReport, { shardId = '', variant = '', rerun = 1 }: ReportContext): string {
  return createHash('sha256')
    .update(JSON.stringify([sha256, shardId, variant, rerun]))
    .digest('hex');
}
