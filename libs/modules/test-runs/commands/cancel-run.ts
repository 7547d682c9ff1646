import { Command, CommandHandler, type ICommandHandler, QueryBus } from '@nestjs/cqrs';
import type { RunRef } from '@testcast/contracts';
import { RequireProject } from '#modules/access';
import { Clock } from '#platform/kernel';
import { decideCancelRun } from '../domain/run.decider.ts';
import { Runs } from './runs.ts';

/** Stops a run; again answers the first offset. Throws `project.unknown`, `run.unknown`, `run.already-ended`. */
export class CancelRun extends Command<{ offset: number }> {
  constructor(readonly ref: RunRef) {
    super();
  }
}

@CommandHandler(CancelRun)
export class CancelRunHandler implements ICommandHandler<CancelRun> {
  constructor(
    private readonly runs: Runs,
    private readonly queries: QueryBus,
    private readonly clock: Clock,
  ) {}

  async execute({ ref }: CancelRun): Promise<{ offset: number }> {
    await this.queries.execute(new RequireProject(ref.projectId));
    const now = this.clock.now();
    const { offset } = await this.runs.perform(ref, (state) => decideCancelRun(state, { now }));
    return { offset };
  }
}
