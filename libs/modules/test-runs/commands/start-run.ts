import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { RunDescription, RunRef } from '@testcast/contracts';
import { EnsureProject } from '#modules/access';
import { type Caller, Clock } from '#platform/kernel';
import { storableDescription } from '../domain/run-description.ts';
import { decideStartRun } from '../domain/run.decider.ts';
import { Runs } from './runs.ts';

export interface RunStarted {
  /** Of `run.started`. */
  offset: number;
  /** The run was there before. */
  joined?: true;
}

/** Starts a run, or joins it and fills in what is not yet known about it. Throws `project.unknown`, `request.too-large`. */
export class StartRun extends Command<RunStarted> {
  constructor(
    readonly ref: RunRef,
    readonly description: RunDescription,
    readonly caller: Caller,
  ) {
    super();
  }
}

@CommandHandler(StartRun)
export class StartRunHandler implements ICommandHandler<StartRun> {
  constructor(
    private readonly runs: Runs,
    private readonly commands: CommandBus,
    private readonly clock: Clock,
  ) {}

  async execute({ ref, description: given, caller }: StartRun): Promise<RunStarted> {
    const description = storableDescription(given);
    await this.commands.execute(new EnsureProject(ref.projectId, caller));
    const now = this.clock.now();
    const { offset, isNew } = await this.runs.perform(ref, (state) =>
      decideStartRun(state, { ...ref, description, now }),
    );
    return isNew ? { offset } : { offset, joined: true };
  }
}
