import { Command, CommandHandler, type ICommandHandler, QueryBus } from '@nestjs/cqrs';
import type { ClaimedStatus, RunRef } from '@testcast/contracts';
import { RequireProject } from '#modules/access';
import { Clock } from '#platform/kernel';
import { decideFinishRun } from '../domain/run.decider.ts';
import { Runs } from './runs.ts';

/**
 * Ends a run, with what the sender claims of it; again with the same claim answers the first offset.
 * Throws `project.unknown`, `run.unknown`, `run.already-ended`.
 */
export class FinishRun extends Command<{ offset: number }> {
  constructor(
    readonly ref: RunRef,
    readonly status: ClaimedStatus | undefined,
  ) {
    super();
  }
}

@CommandHandler(FinishRun)
export class FinishRunHandler implements ICommandHandler<FinishRun> {
  constructor(
    private readonly runs: Runs,
    private readonly queries: QueryBus,
    private readonly clock: Clock,
  ) {}

  async execute({ ref, status }: FinishRun): Promise<{ offset: number }> {
    await this.queries.execute(new RequireProject(ref.projectId));
    const now = this.clock.now();
    const { offset } = await this.runs.perform(ref, (state) => decideFinishRun(state, { status, now }));
    return { offset };
  }
}
