import { Injectable } from '@nestjs/common';
import { EventStore } from '#platform/event-store';
import { Readiness } from '#platform/observability';
import { ProjectionEngine } from './engine/projection-engine.ts';
import { CommitHint } from './hints/commit-hint.ts';
import { LogTail } from './log-tail.ts';
import { ProjectionStrategy } from './projection.strategy.ts';

/** Nest transport without a broker: feeds the projections by tailing the log. */
@Injectable()
export class LogTailStrategy extends ProjectionStrategy {
  private readonly tail: LogTail;

  constructor(
    store: EventStore,
    engine: ProjectionEngine,
    private readonly hint: CommitHint,
    readiness: Readiness,
  ) {
    super(engine, readiness);
    this.tail = new LogTail(store, engine);
  }

  protected async startFeed(heads: readonly number[]): Promise<void> {
    this.tail.start(heads);
    await this.hint.start(() => this.tail.wake());
  }

  protected async stopFeed(): Promise<void> {
    await this.hint.stop();
    await this.tail.stop();
  }
}
