import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { RunRef } from '@testcast/contracts';
import { Clock } from '#platform/kernel';
import { decideOpenRun } from '../domain/run.decider.ts';
import { Runs } from './runs.ts';

/**
 * Makes sure that results of this rerun have a run to go to: starts one that nobody started, and opens one again that has
 * ended where the rerun is new. The project is known to exist.
 */
export class OpenRun extends Command<void> {
  constructor(
    readonly ref: RunRef,
    readonly rerun: number,
  ) {
    super();
  }
}

@CommandHandler(OpenRun)
export class OpenRunHandler implements ICommandHandler<OpenRun> {
  constructor(
    private readonly runs: Runs,
    private readonly clock: Clock,
  ) {}

  async execute({ ref, rerun }: OpenRun): Promise<void> {
    const now = this.clock.now();
    await this.runs.perform(ref, (state) => decideOpenRun(state, { ...ref, rerun, now }));
  }
}
