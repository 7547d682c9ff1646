import type { OnModuleDestroy } from '@nestjs/common';
import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import type { Readiness } from '#platform/observability';
import { boundProjections, refuseSecond } from './bound-projections.ts';
import type { ProjectionEngine } from './engine/projection-engine.ts';

/**
 * Nest transport that feeds the projections. The app connects it as its microservice:
 * `app.connectMicroservice({ strategy: app.get(ProjectionStrategy) })`. Where the events come from is the adapter's.
 */
export abstract class ProjectionStrategy extends Server implements CustomTransportStrategy, OnModuleDestroy {
  /** The engine is given each failure and deals with it, so Nest need not log it too. */
  override readonly propagatesEventHandlerErrors = true;
  private started = false;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly engine: ProjectionEngine,
    readiness: Readiness,
  ) {
    super();
    readiness.add('projections', () => this.check());
  }

  /** Begins after these positions, one a slot. */
  protected abstract startFeed(heads: readonly number[]): Promise<void>;

  /** Also when it was never started. */
  protected abstract stopFeed(): Promise<void>;

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
    throw new Error('the feed of projections has no events of its own');
  }

  unwrap(): never {
    throw new Error('the feed of projections has no server below it');
  }

  private async begin(): Promise<void> {
    const heads = await this.engine.start(boundProjections(this.messageHandlers));
    if (this.closing !== undefined) return;
    await this.startFeed(heads);
    this.started = true;
  }

  private async end(): Promise<void> {
    // A feed that waits for room in the engine goes on only when that stops.
    await Promise.all([this.stopFeed(), this.engine.stop()]);
  }

  private check(): void {
    if (!this.started) throw new Error('the projections have not started');
    const complaints = this.engine.complaints();
    if (complaints.length > 0) throw new Error(complaints.join('; '));
  }
}
