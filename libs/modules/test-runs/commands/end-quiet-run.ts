import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { RunRef } from '@testcast/contracts';
import { DataSource } from 'typeorm';
import { Clock } from '#platform/kernel';
import { decideEndOfQuietRun } from '../domain/run.decider.ts';
import { isMissingSomething } from '../domain/run-status.ts';
import type { SummaryState } from '../domain/summary-state.ts';
import { Runs } from './runs.ts';

const selectSummary = `
  select state from run_summaries where project_id = $1 and run_id = $2
`;

/**
 * Ends a run of which nothing came after `version` for longer than it may be quiet: `run.interrupted` when something is
 * open or missing, else `run.finished` without a claim. When anything has come since, it does nothing; again, too.
 * Throws when the run's row is not yet at that version: to be tried again.
 */
export class EndQuietRun extends Command<void> {
  constructor(
    readonly ref: RunRef,
    readonly version: number,
  ) {
    super();
  }
}

@CommandHandler(EndQuietRun)
export class EndQuietRunHandler implements ICommandHandler<EndQuietRun> {
  constructor(
    private readonly runs: Runs,
    private readonly database: DataSource,
    private readonly clock: Clock,
  ) {}

  async execute({ ref, version }: EndQuietRun): Promise<void> {
    const summary = await this.summaryOf(ref);
    const seen = summary?.version ?? 0;
    if (seen < version) throw new Error(`the run's row is at ${seen} and not yet at ${version}`);
    // What is missing was judged at this very version, and the append expects it: a result that comes meanwhile wins.
    if (summary === undefined || seen > version) return;
    const facts = { isMissingSomething: isMissingSomething(summary), now: this.clock.now() };
    await this.runs.performAt(ref, version, (state) => decideEndOfQuietRun(state, facts));
  }

  private async summaryOf({ projectId, runId }: RunRef): Promise<SummaryState | undefined> {
    const [row] = await this.database.query<{ state: SummaryState }[]>(selectSummary, [projectId, runId]);
    return row?.state;
  }
}
