import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { EventStore } from '#platform/event-store';
import { Readiness } from '#platform/observability';
import { boundProjections, refuseSecond } from './bound-projections.ts';
import { ProjectionEngine } from './engine/projection-engine.ts';
import { CommitHint } from './hints/commit-hint.ts';
import { LogTail } from './log-tail.ts';

/**
 * Nest transport without a broker: feeds the projections by tailing the log. The app connects it as its microservice:
 * `app.connectMicroservice({ strategy: app.get(LogTailStrategy) })`.
 */
@Injectable()
export class LogTailStrategy extends Server implements CustomTransportStrategy, OnModuleDestroy {
  /** The engine is given each failure and deals with it, so Nest need not log it too. */
  override readonly propagatesEventHandlerErrors = true;
  private readonly tail: LogTail;
  private started = false;
  private closing: Promise<void> | undefined;

  constructor(
    store: EventStore,
    private readonly engine: ProjectionEngine,
    private readonly hint: CommitHint,
    readiness: Readiness,
  ) {
    super();
    this.tail = new LogTail(store, engine);
    readiness.add('projections', () => this.check());
  }

  override addHandler(
    pattern: unknown,
    callback: MessageHandler,
    isEventHandler?: boolean,
    extras?: Record<string, unknown>,
  ): void {
    refuseSecond(this.messageHandlers, this.normalizePattern(pattern as string));
    super.addHandler(pattern, callback, isEventHandler, extras);
  }

  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      await this.begin();
    } catch (error) {
      callback(error);
      return;
    }
    callback();
  }

  /** Lets batches in flight finish. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  // Nest closes an app's microservices after it has destroyed the modules, and with them the database.
  async onModuleDestroy(): Promise<void> {
    await this.close();
  }

  on(): never {
    throw new Error('a log tail has no events of its own');
  }

  unwrap(): never {
    throw new Error('a log tail has no server below it');
  }

  private async begin(): Promise<void> {
    const heads = await this.engine.start(boundProjections(this.messageHandlers));
    if (this.closing !== undefined) return;
    this.tail.start(heads);
    await this.hint.start(() => this.tail.wake());
    this.started = true;
  }

  private async end(): Promise<void> {
    await this.hint.stop();
    await Promise.all([this.tail.stop(), this.engine.stop()]);
  }

  private check(): void {
    if (!this.started) throw new Error('the projections have not started');
    const stopped = this.engine.stoppedProjections();
    if (stopped.length > 0) throw new Error(`stopped, because they parked too many streams: ${stopped.join(', ')}`);
  }
}
