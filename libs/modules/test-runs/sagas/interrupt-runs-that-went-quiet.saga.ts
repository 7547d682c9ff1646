import { Controller, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Ctx, Payload } from '@nestjs/microservices';
import { DataSource } from 'typeorm';
import { EventStore } from '#platform/event-store';
import { type ProjectionBatch, type ProjectionContext, Projection } from '#platform/messaging';
import { type ClaimedDeadline, Deadlines, DeadlineWatch, SeenEvents } from '#platform/sagas';
import { EndQuietRun } from '../commands/end-quiet-run.ts';
import { defaultQuietAfterMs } from '../domain/run-sign.ts';
import { runRefOf } from '../domain/run-stream.ts';
import { runsProjection } from '../read-models/runs-projection.options.ts';
import { signsOfLife } from './quiet-runs.ts';

const saga = {
  name: 'interrupt-runs-that-went-quiet',
  version: 1,
  events: [...runsProjection.events, 'output'],
};

/**
 * Every event of a run, and of what its tests write, gives it time anew; when the time has passed, the run is ended. The
 * event that ends it settles the deadline, like any other.
 */
@Controller()
export class InterruptRunsThatWentQuiet implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly deadlines: Deadlines;
  private readonly watch: DeadlineWatch;

  constructor(
    database: DataSource,
    store: EventStore,
    private readonly commands: CommandBus,
  ) {
    this.deadlines = new Deadlines(database, { name: saga.name, waitMs: defaultQuietAfterMs });
    const seen = new SeenEvents(database, store, [saga, runsProjection]);
    this.watch = new DeadlineWatch(this.deadlines, seen, (deadline) => this.end(deadline));
  }

  @Projection(saga)
  async note(@Payload() batch: ProjectionBatch, @Ctx() { tx }: ProjectionContext): Promise<void> {
    await this.deadlines.renew(tx, signsOfLife(batch));
  }

  onApplicationBootstrap(): void {
    this.watch.start();
  }

  // Before the application's shutdown closes the database and the store.
  async onModuleDestroy(): Promise<void> {
    await this.watch.stop();
  }

  private async end({ key, version }: ClaimedDeadline): Promise<void> {
    await this.commands.execute(new EndQuietRun(runRefOf(key)!, version));
  }
}
